// Hands the lines of `decide` to iam-simulate and prints its decisions, a JSON line for each. The package is taken from the
// folder in which this is run. It is used by its documented API (its README), as a program of its own.
import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const { runSimulation } = createRequire(`${process.cwd()}/`)('@cloud-copilot/iam-simulate')

const named = (policies) => policies.map((policy, index) => ({ name: `policy-${index}`, policy }))
const answers = []
const lines = createInterface({ input: createReadStream(process.argv[2]), crlfDelay: Infinity })
for await (const text of lines) {
  const line = JSON.parse(text)
  const { principal, action, resource, resourceAccount, context } = line.request
  const answer = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId: resourceAccount }, contextVariables: context },
      identityPolicies: named(line.identityPolicies),
      serviceControlPolicies: (line.scps ?? []).map((level, index) => ({
        orgIdentifier: `level-${index}`,
        policies: named(level),
      })),
      resourceControlPolicies: [],
      resourcePolicy: line.resourcePolicy,
    },
    {},
  )
  const { errors, overallResult: decision } = answer
  answers.push(JSON.stringify(errors ? { id: line.id, error: errors.message } : { id: line.id, decision }))
}
process.stdout.write(answers.join('\n') + '\n')
