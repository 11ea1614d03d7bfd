use super::*;
use proptest::prelude::*;
use ratatui::layout::Margin;

#[test]
fn the_named_sizes_show_what_they_should() {
    let shape = Shape { focus: Some(Pane::Policy), ..Shape::default() };
    let small = lab(Rect::new(0, 0, 80, 24), &shape);
    assert!(!small.cramped);
    assert_eq!(small.stack[..4], [Pane::Policy, Pane::Why, Pane::Storage, Pane::Audit]);
    assert!(small.pane(Pane::Why).is_none(), "under the top of the stack");
    let mid = lab(Rect::new(0, 0, 120, 40), &shape);
    assert_eq!(mid.stack[..2], [Pane::Storage, Pane::Audit]);
    assert_eq!(mid.panes().len(), 9);
    let large = lab(Rect::new(0, 0, 200, 60), &shape);
    assert!(large.stack.is_empty());
    assert_eq!(large.panes().len(), 8);
    assert!(lab(Rect::new(0, 0, 79, 24), &shape).cramped);
    assert!(lab(Rect::new(0, 0, 20, 5), &shape).too_small);
}

/// A pane that stands in no arrangement would never be seen.
#[test]
fn every_pane_has_a_place() {
    let grids = Preset::ALL.map(|preset| [false, true].map(|large| preset.grid(large, false)));
    for pane in Pane::ALL {
        let mut placed = grids.iter().flatten().flatten().flat_map(|(_, row)| row);
        assert!(placed.any(|(one, _)| *one == pane), "{} stands in no preset", pane.name());
    }
}

#[test]
fn a_focused_pane_comes_to_the_top_of_the_stack() {
    let shape = Shape { focus: Some(Pane::Audit), ..Shape::default() };
    let r = lab(Rect::new(0, 0, 80, 24), &shape);
    assert!(r.pane(Pane::Audit).is_some() && r.pane(Pane::Policy).is_none());
}

#[test]
fn every_pane_has_its_neighbours() {
    use Pane::{Answer, Identities, Policy, Storage, Why};
    let r = lab(Rect::new(0, 0, 120, 40), &Shape::default());
    for (from, side, to) in [
        (Identities, Side::Right, Some(Policy)),
        (Policy, Side::Right, Some(Answer)),
        (Answer, Side::Right, None),
        (Answer, Side::Below, Some(Storage)),
        (Policy, Side::Below, Some(Why)),
        (Storage, Side::Above, Some(Answer)),
        (Storage, Side::Left, Some(Why)),
        (Why, Side::Above, Some(Policy)),
        (Identities, Side::Above, None),
    ] {
        assert_eq!(r.beside(from, side), to, "{side:?} of {from:?}");
    }
}

#[test]
fn the_editor_keeps_its_lines_on_a_small_screen_and_everybody_has_a_line() {
    let area = Rect::new(0, 0, 80, 24);
    let stage = StageRows { task: 3, path: 3 };
    let shape = Shape { editing: true, focus: Some(Pane::Policy), stage, ..Shape::default() };
    let r = lab(area, &shape);
    let policy = r.pane(Pane::Policy).expect("the text");
    assert!(super::super::panes::policy::text_area(policy).height >= 9, "{policy:?}");
    let line = r.get(Region::Folded(Pane::Identities)).expect("a line");
    assert_eq!((line.width, line.height), (80, 1));
    let at = Position { x: 5, y: line.y };
    assert_eq!(r.at(at).map(|(region, _)| region), Some(Region::Folded(Pane::Identities)));
    // What was taken away stays away, and leaves its line to the text.
    let hidden = BTreeSet::from([Pane::Identities]);
    let taller = lab(area, &Shape { hidden, ..shape });
    assert_eq!(taller.get(Region::Folded(Pane::Identities)), None);
    assert_eq!(taller.pane(Pane::Policy).map(|p| p.height), Some(policy.height + 1));
}

/// On a screen too small for all, the task gives way before the way of the call, and both before the panes.
#[test]
fn the_stage_stands_over_the_panes_and_leaves_them_room() {
    let stage = StageRows { task: 9, path: 5 };
    for (height, task, path) in [(24, 9, 5), (14, 0, 5), (18, 4, 5)] {
        let r = lab(Rect::new(0, 0, 80, height), &Shape { stage, ..Shape::default() });
        let rows = |region| r.get(region).map_or(0, |rect: Rect| rect.height);
        assert_eq!((rows(Region::Task), rows(Region::Path)), (task, path), "{height}");
    }
}

#[test]
fn every_pane_has_a_place_in_some_arrangement() {
    let sizes = [Rect::new(0, 0, 80, 24), Rect::new(0, 0, 120, 40), Rect::new(0, 0, 200, 60)];
    for pane in Pane::ALL {
        let shows = |preset| {
            let shape = Shape { preset, ..Shape::default() };
            sizes.iter().any(|area| lab(*area, &shape).panes().contains(&pane))
        };
        assert!(Preset::ALL.into_iter().any(shows), "{pane:?}");
    }
}

proptest! {
    #[test]
    fn panes_stay_inside_and_apart(
        width in 1u16..260, height in 1u16..90, preset in 0usize..7, editing: bool, console: bool,
        hide in 0usize..13, below in -60i16..60, right in -200i16..200,
    ) {
        let preset = (0..preset).fold(Preset::Learn, |preset, _| preset.next());
        let shape = Shape {
            preset,
            hidden: Pane::ALL.into_iter().take(hide).collect(),
            editing,
            console,
            dragged: vec![(Divider::Below(0), below), (Divider::RightOf(0, 0), right)],
            ..Shape::default()
        };
        let area = Rect::new(0, 0, width, height);
        let r = lab(area, &shape);
        let panes: Vec<Rect> = r.parts().iter().filter(|(p, _)| matches!(p, Region::Pane(_) | Region::Folded(_))).map(|(_, r)| *r).collect();
        for (i, a) in panes.iter().enumerate() {
            prop_assert_eq!(a.intersection(area), *a);
            for b in &panes[i + 1..] {
                // Neighbours share a line and nothing else.
                let inside = a.inner(Margin::new(1, 1)).intersection(*b).is_empty()
                    && b.inner(Margin::new(1, 1)).intersection(*a).is_empty();
                prop_assert!(inside, "{:?} {:?}", a, b);
            }
        }
    }
}
