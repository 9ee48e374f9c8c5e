import { expect, test } from 'vitest';
import { plainReporter } from '../../../../cli/ui/reporters/plain.ts';
import { paper, STORY } from './told.ts';

async function tell(page: ReturnType<typeof paper>): Promise<string> {
  const reporter = plainReporter(page.io, page.clock);
  for (const [at, event] of STORY) {
    page.clock.at(at);
    reporter.emit(event);
  }
  await reporter.end();
  return page.text();
}

test('one line per event of interest, none longer than 80 columns, no colour', async () => {
  const text = await tell(paper());
  expect(text).toMatchInlineSnapshot(`
    "unchanged  PostgreSQL
    progress   Broker: recovered 3 partitions
    changed    Broker (1.2 s)
    planned    Topics: task-events partitions: 1 → 3, reminders
    waiting    Sidecar: GET 127.0.0.1:3500/v1.0/healthz: nobody listens
    failed     Sidecar: not done after 30 s; last seen: GET 127.0.0.1:3500/v1.0/hea…
    "
  `);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBe(80);
});

test('with colour only where it is asked for, and only on the first word', async () => {
  const text = await tell(paper({ colour: true }));
  expect(text).toContain('\u001b[32mchanged    \u001b[39mBroker (1.2 s)\n');
  expect(text).toContain('\u001b[31mfailed     \u001b[39mSidecar');
});

test('a quick wait is not worth a line, a long one is, again and again', async () => {
  const page = paper();
  const reporter = plainReporter(page.io, page.clock);
  reporter.emit({ step: 'a', title: 'A', is: 'started' });
  for (const at of [1100, 1900, 2100, 2200, 7100]) {
    page.clock.at(at);
    reporter.emit({ step: 'a', title: 'A', is: 'waiting', reason: `at ${at}` });
  }
  expect(page.text()).toBe('waiting    A: at 2100\nwaiting    A: at 7100\n');
});

test('a wait for the same reason is told every quarter of a minute, one for another at once', () => {
  const page = paper({ columns: 20 });
  const reporter = plainReporter(page.io, page.clock);
  reporter.emit({ step: 'a', title: 'A', is: 'started' });
  for (const [at, reason] of [[2000, 'one'], [4000, 'one'], [16_900, 'one'], [17_100, 'one'], [18_200, 'another reason'], [20_000, 'another, of which only the end is new']] as const) {
    page.clock.at(at);
    reporter.emit({ step: 'a', title: 'A', is: 'waiting', reason });
  }
  expect(page.text()).toBe('waiting    A: one\nwaiting    A: one\nwaiting    A: anoth…\n');
});

test('a step that is left when another has failed is told with what it waited for; one that never began is not', () => {
  const page = paper({ columns: 100 });
  const reporter = plainReporter(page.io, page.clock);
  reporter.emit({ step: 'a', title: 'Chart dapr', is: 'left', reason: '"Kafka" failed; last seen: 0 of 1 replicas are ready' });
  reporter.emit({ step: 'b', title: 'task-api', is: 'skipped', reason: '"Kafka" failed' });
  expect(page.text()).toBe('left       Chart dapr: "Kafka" failed; last seen: 0 of 1 replicas are ready\n');
});

test('a step that does not say what it makes is told by its title alone', () => {
  const page = paper();
  const reporter = plainReporter(page.io, page.clock);
  reporter.emit({ step: 'a', title: 'task-api', is: 'planned', changes: [{ what: 'task-api' }] });
  reporter.emit({ step: 'b', title: 'Topics', is: 'planned', changes: [{ what: 'KafkaTopic a', to: 'removed' }] });
  expect(page.text()).toBe('planned    task-api\nplanned    Topics: KafkaTopic a: removed\n');
});

test('what is unknown after the second Ctrl-C is told, and several lines become one', () => {
  const page = paper({ columns: 120 });
  plainReporter(page.io, page.clock).emit({ step: 'a', title: 'A', is: 'unknown', reason: 'left while under way:\n  coming' });
  expect(page.text()).toBe('unknown    A: left while under way: coming\n');
});

test('no secret gets past it, not even one that is cut at the edge of the line', () => {
  const page = paper();
  page.io.redactor.register('correct-horse-battery');
  plainReporter(page.io, page.clock).emit({ step: 'a', title: 'A', is: 'progress', line: `${'x'.repeat(50)} password correct-horse-battery` });
  expect(page.text()).toContain('***');
  expect(page.text()).not.toContain('correct');
});
