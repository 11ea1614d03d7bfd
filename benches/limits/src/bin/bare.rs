//! The least a ratatui program can be: one framed paragraph, and the end at any key.

use ratatui::widgets::{Block, Paragraph};

fn main() -> std::io::Result<()> {
    let mut terminal = ratatui::init();
    terminal.draw(|frame| {
        let text = Paragraph::new("ready").block(Block::bordered().title("bare"));
        frame.render_widget(text, frame.area());
    })?;
    while !crossterm::event::read()?.is_key_press() {}
    ratatui::restore();
    Ok(())
}
