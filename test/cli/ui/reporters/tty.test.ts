import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { EngineEvent } from '../../../../cli/engine/step.ts';
import { chooseReporter } from '../../../../cli/ui/reporters/choose.ts';
import { ttyReporter } from '../../../../cli/ui/reporters/tty.ts';
import { paper, STORY } from './told.ts';

/** What stands on the screen when all is over: everything after the last time that it was cleared. */
function lastScreen(text: string): string {
  const cleared = text.lastIndexOf('\u001b[G');
  return stripVTControlCharacters(text.slice(Math.max(0, cleared))).trim();
}

async function tell(events: readonly EngineEvent[]): Promise<string> {
  const page = paper({ tty: true });
  const reporter = ttyReporter(page.io, page.clock);
  for (const event of events) reporter.emit(event);
  await reporter.end();
  return page.text();
}

test('ends by itself when a step failed and others were skipped, and shows each with its reason', async () => {
  const screen = lastScreen(await tell(STORY.map(([, event]) => event)));
  expect(screen).toMatchInlineSnapshot(`
    "✔ PostgreSQL unchanged
    ✔ Broker 1.2 s
    ✔ Topics would change: task-events partitions: 1 → 3, reminders
    ✖ Sidecar
      › Sidecar: not done after 30 s; last seen: GET 127.0.0.1:3500/v1.0/healthz:
        nobody listens there
    ↓ Services needs "Sidecar""
  `);
});

test('a step that is left when another has failed is shown with what it waited for', async () => {
  const screen = lastScreen(await tell([{ step: 'a', title: 'Dapr', is: 'pending' }, { step: 'a', title: 'Dapr', is: 'started' }, { step: 'a', title: 'Dapr', is: 'left', reason: '"Kafka" failed; last seen: 0 of 1 ready' }]));
  expect(screen).toBe('↓ Dapr "Kafka" failed; last seen: 0 of 1 ready');
});

test('gives the cursor back', async () => {
  const text = await tell(STORY.map(([, event]) => event));
  expect(text).toContain('\u001b[?25l');
  expect(text.trimEnd().endsWith('\u001b[?25h')).toBe(true);
});

test('does not touch Ctrl-C: that belongs to the command', async () => {
  const before = process.listenerCount('SIGINT');
  const page = paper({ tty: true });
  const reporter = ttyReporter(page.io, page.clock);
  for (const [, event] of STORY.slice(0, 8)) reporter.emit(event);
  expect(process.listenerCount('SIGINT')).toBe(before);
  for (const [, event] of STORY.slice(8)) reporter.emit(event);
  await reporter.end();
});

test('shows a wait with its reason while it lasts', async () => {
  const page = paper({ tty: true });
  const reporter = ttyReporter(page.io, page.clock);
  const says = { step: 'broker', title: 'Broker' };
  reporter.emit({ ...says, is: 'pending' });
  reporter.emit({ ...says, is: 'started' });
  page.clock.at(4200);
  reporter.emit({ ...says, is: 'waiting', reason: 'recovering its segments' });
  await expect.poll(() => stripVTControlCharacters(page.text())).toContain('recovering its segments');
  await expect.poll(() => stripVTControlCharacters(page.text())).toContain('Broker 3.2 s');
  reporter.emit({ ...says, is: 'changed', changes: [], ms: 3300 });
  await reporter.end();
  expect(lastScreen(page.text())).toBe('✔ Broker 3.3 s');
});

test('a run without any step ends', async () => {
  expect(await tell([])).toBe('');
});

test('no secret gets past it', async () => {
  const page = paper({ tty: true });
  page.io.redactor.register('correct-horse');
  const reporter = ttyReporter(page.io, page.clock);
  reporter.emit({ step: 'a', title: 'With correct-horse', is: 'pending' });
  reporter.emit({ step: 'a', title: 'With correct-horse', is: 'started' });
  reporter.emit({ step: 'a', title: 'With correct-horse', is: 'unchanged', ms: 1 });
  await reporter.end();
  expect(page.text()).toContain('With ***');
  expect(page.text()).not.toContain('correct-horse');
});

test('the reporter suits who reads', async () => {
  const event: EngineEvent = { step: 'a', title: 'A', is: 'unchanged', ms: 1 };
  const [json, plain, tty] = [paper({ tty: true }), paper(), paper({ tty: true })];
  (await chooseReporter(json.io, true, json.clock)).emit(event);
  expect(JSON.parse(json.text())).toMatchObject({ is: 'unchanged' });
  (await chooseReporter(plain.io, false, plain.clock)).emit(event);
  expect(plain.text()).toBe('unchanged  A\n');
  const living = await chooseReporter(tty.io, false, tty.clock);
  living.emit({ ...event, is: 'pending' });
  living.emit(event);
  await living.end();
  expect(lastScreen(tty.text())).toBe('✔ A unchanged');
});
