import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diagram } from '../../../cli/render/diagram.ts';
import { load } from '../../support/definition.ts';
import { definitions, type Drawn } from '../../support/definitions.ts';
import { platformOf } from '../../support/drawn-platform.ts';

test('topics, services and what goes between them', async () => {
  const platform = await load(`platform: todo
topics: { task-events: { key: task }, task-updates: { key: user } }
services:
  task-api: { route: /api, publishes: [task-events, task-updates], database: true }
  audit: { subscribes: [task-events] }
  realtime: { route: /live, listens: [task-updates], invokes: [task-api] }
environments: { local: { provider: local } }
`);
  expect(diagram(platform)).toBe(`flowchart LR
  user((user))
  s_task_api["task-api"]
  s_audit["audit"]
  s_realtime["realtime"]
  t_task_events[("task-events")]
  t_task_updates[("task-updates")]
  user -- "/api" --> s_task_api
  s_task_api --> t_task_events
  s_task_api --> t_task_updates
  t_task_events --> s_audit
  user -- "/live" --> s_realtime
  t_task_updates ==> s_realtime
  s_realtime -.-> s_task_api
  database[(PostgreSQL)]
  s_task_api --- database
`);
});

describe('of any platform', () => {
  const lines = (drawn: Drawn): string[] => diagram(platformOf(drawn)).trimEnd().split('\n').slice(1);

  test('every arrow is drawn once, and none that is not declared', () => {
    fc.assert(
      fc.property(definitions, (drawn) => {
        const arrows = lines(drawn).filter((line) => / (-->|==>|-\.->) /.test(line));
        const declared = Object.values(drawn.services).reduce((sum, { publishes, subscribes, listens, invokes }) => sum + publishes.length + Object.keys(subscribes).length + listens.length + invokes.length, 0);
        expect(arrows).toHaveLength(declared);
        expect(new Set(arrows).size).toBe(declared);
      }),
    );
  });

  test('every end of an arrow is a node, and no two nodes share an id', () => {
    fc.assert(
      fc.property(definitions, (drawn) => {
        const all = lines(drawn);
        const nodes = all.map((line) => /^ {2}(\w+)[[(]/.exec(line)?.[1]).filter((node) => node !== undefined);
        expect(new Set(nodes).size).toBe(nodes.length);
        for (const line of all) for (const end of line.match(/\b[st]_\w+/g) ?? []) expect(nodes).toContain(end);
      }),
    );
  });

  test('names that differ in a dot, a dash or in being a word of Mermaid stay apart', async () => {
    const text = diagram(await load(`platform: todo
topics: { a.b: { key: task }, a-b: { key: task }, a--b: { key: task }, end: { key: task } }
services: { end: { subscribes: [a.b, a-b, a--b, end] } }
environments: { local: { provider: local } }
`));
    expect(text.match(/^ {2}\w+(?=\[)/gm)).toEqual(['  s_end', '  t_aDb', '  t_a_b', '  t_a__b', '  t_end']);
  });
});
