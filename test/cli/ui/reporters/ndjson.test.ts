import { expect, test } from 'vitest';
import { ndjsonReporter } from '../../../../cli/ui/reporters/ndjson.ts';
import { paper, STORY } from './told.ts';

test('every event is one JSON object on a line of its own, with its time', async () => {
  const page = paper();
  const reporter = ndjsonReporter(page.io, page.clock);
  for (const [at, event] of STORY.slice(-4)) {
    page.clock.at(at);
    reporter.emit(event);
  }
  await reporter.end();
  expect(page.text()).toMatchInlineSnapshot(`
    "{"time":7300,"step":"sidecar","title":"Sidecar","is":"waiting","reason":"GET 127.0.0.1:3500/v1.0/healthz: nobody listens"}
    {"time":7400,"step":"sidecar","title":"Sidecar","is":"waiting","reason":"a reason that comes too soon after another"}
    {"time":32200,"step":"sidecar","title":"Sidecar","is":"failed","error":{"code":"TODOCTL_STEP_TIMED_OUT","message":"Sidecar: not done after 30 s; last seen: GET 127.0.0.1:3500/v1.0/healthz: nobody listens there","why":"What was asked for has not become true. The last thing that was seen stands in the message.","next":["Run todoctl status to see how it is now.","Run the same command again: it goes on from what it finds."],"details":[]}}
    {"time":32200,"step":"services","title":"Services","is":"skipped","reason":"needs \\"Sidecar\\""}
    "
  `);
});

test('what is only announced is left out', () => {
  const page = paper();
  ndjsonReporter(page.io, page.clock).emit({ step: 'a', title: 'A', is: 'pending' });
  expect(page.text()).toBe('');
});

test('no secret gets past it, also with what JSON escapes', () => {
  const page = paper();
  page.io.redactor.register('say "friend" and enter');
  ndjsonReporter(page.io, page.clock).emit({ step: 'a', title: 'A', is: 'progress', line: 'with say "friend" and enter' });
  expect(JSON.parse(page.text())).toMatchObject({ line: 'with ***' });
});
