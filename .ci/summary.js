// Adds up what the two test runs wrote, names the parts that must have run, and closes with `N passed, N failed, N skipped`.
// Each failed test is said again, at the end, where it is read. Exits non-zero when a run failed, when nothing ran, or when a part of REQUIRED was skipped.
import { readFileSync } from 'node:fs';

const REQUIRED = ['kafka', 'kcat', 'daprd', 'actionlint', 'kubernetes', 'promtool', 'amtool', 'prometheus', 'helm', 'pgbouncer', 'node', 'docker', 'dapr-control-plane', 'metrics-server', 'traefik', 'kwok'];
const exits = process.argv.slice(2).map(Number);

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Says each failed test with the start of its reason, and each file that could not be run at all. */
function sayFailures(name, result) {
  for (const file of result.testResults ?? []) {
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    for (const test of failed) console.log(`failed (${name}) ${file.name} > ${test.fullName}\n${reason(test.failureMessages.join('\n'))}`);
    if (file.status === 'failed' && failed.length === 0) console.log(`failed (${name}) ${file.name}\n${reason(file.message ?? '')}`);
  }
}

function reason(text) {
  return text.trim().split('\n').slice(0, 12).map((line) => `    ${line.slice(0, 300)}`).join('\n');
}

let wrong = exits.some((code) => code !== 0);
const totals = { passed: 0, failed: 0, skipped: 0 };
for (const [name, file] of [['npm test', '.cache/results/test.json'], ['npm run test:real', '.cache/results/real.json']]) {
  const result = read(file);
  if (!result || result.numPassedTests === 0) {
    console.log(`${name}: nothing ran`);
    wrong = true;
    continue;
  }
  sayFailures(name, result);
  totals.passed += result.numPassedTests;
  totals.failed += result.numFailedTests;
  totals.skipped += result.numPendingTests + (result.numTodoTests ?? 0);
}

const parts = read('.cache/real-parts.json') ?? {};
for (const part of REQUIRED) {
  const outcome = parts[part] ?? 'skipped: never started';
  console.log(`part ${part}: ${outcome}`);
  if (outcome !== 'ran') wrong = true;
}
if (wrong) console.log(`exit codes: npm test ${exits[0]}, npm run test:real ${exits[1]}`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(wrong || totals.failed > 0 ? 1 : 0);
