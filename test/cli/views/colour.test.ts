// What holds for every view: colour adds nothing but colour, and each text ends its last line.
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import type { Resource } from '../../../cli/providers/resource.ts';
import type { Health } from '../../../cli/targets/target.ts';
import { palette } from '../../../cli/ui/palette.ts';
import { deployText } from '../../../cli/views/deploy.ts';
import { doctorText } from '../../../cli/views/doctor.ts';
import { errorText } from '../../../cli/views/error.ts';
import { lagText } from '../../../cli/views/events/lag.ts';
import { publishedText } from '../../../cli/views/events/publish.ts';
import { topicsText } from '../../../cli/views/events/topics.ts';
import { errorListText, explanationText } from '../../../cli/views/explain.ts';
import { logLineText } from '../../../cli/views/logs.ts';
import { statusText } from '../../../cli/views/status.ts';
import { teardownQuestion, teardownText } from '../../../cli/views/teardown.ts';
import { explain, listErrors } from '../../../cli/operations/explain.ts';

type Screen = { colour: boolean; columns: number };

const NOW = 1_700_000_000_000;
const processes: Health[] = [
  { name: 'supervisor', kind: 'supervisor', state: 'ready', restarts: 0, pid: 1 },
  { name: 'broker', kind: 'broker', state: 'starting', reason: 'just started', restarts: 0, since: NOW - 500 },
  { name: 'task-api-0', kind: 'service', state: 'failing', reason: 'exit code 1', restarts: 4, port: 20_001, since: NOW - 90_000 },
  { name: 'web-0', kind: 'service', state: 'stopped', restarts: 0 },
];
const found: Resource[] = [{ kind: 'process', name: 'broker', id: '7', owner: 'environment' }, { kind: 'port', name: 'kafka', id: '9', owner: 'other', heldBy: 'java (pid 5)' }];
const error = new TodoctlError('TODOCTL_PORT_TAKEN', { message: 'Port 9092 (kafka) is taken', details: ['by java (pid 5)'] });

const views: readonly [string, (screen: Screen) => string][] = [
  ['deploy', (screen) => deployText({ environment: 'local', changed: 1, dryRun: false, seconds: 1, steps: [], running: { entrance: 'http://127.0.0.1:1/', kafka: '127.0.0.1:2', processes } }, screen)],
  ['deploy --dry-run', (screen) => deployText({ environment: 'local', changed: 1, dryRun: true, seconds: 1, steps: [{ step: 'a', title: 'A', is: 'planned', changes: [{ what: 'x' }] }] }, screen)],
  ['deploy --dry-run of nothing', (screen) => deployText({ environment: 'local', changed: 0, dryRun: true, seconds: 1, steps: [] }, screen)],
  ['status', (screen) => statusText({ environment: 'local', ready: false, entrance: 'http://127.0.0.1:1/', kafka: '127.0.0.1:2', processes, lag: [{ group: 'audit', topic: 't', lag: 3 }] }, screen, NOW)],
  ['status of nothing', (screen) => statusText({ environment: 'local', ready: false, processes: [] }, screen, NOW)],
  ['teardown', (screen) => teardownText({ environment: 'local', dryRun: false, removed: found.slice(0, 1), kept: found.slice(1), seconds: 0.2 }, screen)],
  ['teardown --dry-run', (screen) => teardownText({ environment: 'local', dryRun: true, removed: found, kept: [], seconds: 0 }, screen)],
  ['doctor', (screen) => doctorText({ environment: 'local', ok: false, deployed: true, checks: [{ title: 'Node', ok: true }, { title: 'Port', ok: false, code: error.code, message: error.message, details: error.details, next: error.next }] }, screen)],
  ['logs', (screen) => logLineText({ process: 'audit-0', text: JSON.stringify({ level: 50, time: NOW, msg: 'failed', attempt: 3 }) }, screen, 14)],
  ['logs of no JSON', (screen) => logLineText({ process: 'postgres', text: 'LOG:  ready' }, screen, 14)],
  ['an error', (screen) => errorText(error, screen)],
  ['explain', (screen) => explanationText(explain('PORT_TAKEN'), screen)],
  ['explain of all', (screen) => errorListText(listErrors(), screen)],
  ['events topics', (screen) => topicsText([{ topic: 'a', partitions: 3, key: 'task', retentionMs: 86_400_000, messages: 1234, groups: ['audit'] }, { topic: 'b', partitions: 1, key: null, retentionMs: -1, messages: 0, groups: [] }], screen)],
  ['events lag of nothing', (screen) => lagText({ groups: [], total: 0 }, screen)],
  ['events publish', (screen) => publishedText({ topic: 'a', partition: 0, offset: 5, key: null, id: 'i', type: 't' }, screen)],
];

describe.each(views)('%s', (_, view) => {
  const bare = view({ colour: false, columns: 80 });
  const painted = view({ colour: true, columns: 80 });

  test('has no colour where none is wanted, and the same words where it is', () => {
    expect(bare).toBe(stripVTControlCharacters(bare));
    expect(stripVTControlCharacters(painted).replace(/ +$/gm, '')).toBe(bare);
  });

  test('ends its last line, ends no line with a blank, and every colour that begins', () => {
    expect(bare).toMatch(/\n$/);
    for (const line of bare.split('\n')) expect(line).toBe(line.trimEnd());
    for (const line of painted.split('\n')) expect(line.match(/\u001b\[(?:1|2|3[0-7])m/g)?.length ?? 0).toBe(line.match(/\u001b\[(?:22|39)m/g)?.length ?? 0);
  });
});

test('the question of a teardown waits on its own line', () => {
  expect(teardownQuestion('local', found, { colour: true, columns: 80 })).toMatch(/\n$/);
});

describe('columns', () => {
  const name = fc.stringMatching(/^[a-z][a-z-]{0,20}$/);
  const health: fc.Arbitrary<Health> = fc.record({
    name, kind: fc.constantFrom('service', 'sidecar', 'broker'), state: fc.constantFrom('ready', 'starting', 'failing', 'stopped'), restarts: fc.nat({ max: 9999 }),
  }, { requiredKeys: ['name', 'kind', 'state', 'restarts'] });

  test('of status line up, whatever the processes are called', () => {
    fc.assert(fc.property(fc.array(health, { minLength: 1, maxLength: 8 }), (all) => {
      const lines = statusText({ environment: 'e', ready: false, processes: all }, { colour: false, columns: 80 }, NOW).trimEnd().split('\n').slice(2);
      const at = lines[0]?.indexOf('STATE') ?? -1;
      for (const [index, { state }] of all.entries()) expect(lines[index + 1]?.slice(at).startsWith(state)).toBe(true);
    }));
  });

  test('status counts what is not ready, in words that agree', () => {
    fc.assert(fc.property(fc.array(health, { minLength: 1, maxLength: 8 }), (all) => {
      const wrong = all.filter(({ state }) => state !== 'ready').length;
      const [head] = statusText({ environment: 'e', ready: wrong === 0, processes: all }, { colour: false, columns: 80 }, NOW).split('\n');
      expect(head).toBe(wrong === 0 ? 'e ready' : `e ${wrong} of ${all.length} processes ${wrong === 1 ? 'is' : 'are'} not ready`);
    }));
  });
});

test('the palette is six colours, or none', () => {
  const none = palette({ colour: false });
  const all = palette({ colour: true });
  const names = Object.keys(all) as (keyof typeof all)[];
  expect(names).toEqual(['good', 'bad', 'warn', 'dim', 'bold', 'code']);
  expect(names.map((one) => none[one]('x'))).toEqual(names.map(() => 'x'));
  expect(new Set(names.map((one) => all[one]('x'))).size).toBe(6);
});
