// The script for k6, run in this process with stand-ins for k6's modules: what it asks for is what docs/api.md offers.
import { createContext, Script } from 'node:vm';
import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { refusal } from '../../support/definition.ts';
import { platformIn, renderedOf } from '../../support/rendered.ts';

function definition(settings: string): string {
  return `platform: todo\ntopics: {}\nservices:\n  task-api: {}\nenvironments:\n  prod:\n    provider: existing\n    context: mine\n${settings}`;
}
async function scriptOf(settings = ''): Promise<string> {
  return renderedOf(await platformIn('prod', definition(settings))).find(({ path: file }) => file === 'load/k6.js')?.text ?? '';
}

interface Request {
  method: string;
  url: string;
  body: string | null;
  headers: Record<string, string>;
  name: string;
}
interface Options {
  scenarios: { tasks: Record<string, string | number> };
  thresholds: Record<string, string[]>;
}
interface Loaded {
  options: Options;
  setup(): void;
  default(): void;
}
interface Params {
  headers: Record<string, string>;
  tags: { name: string };
}

/** The script as k6 would load it for one virtual user; `draw` is what chance says, `answer` what the platform does. */
function load(script: string, { env = {}, draw = () => 0, answer = () => 201, imports = new Set<string>() }: { env?: Record<string, string>; draw?: () => number; answer?: (request: Request) => number; imports?: Set<string> } = {}): { script: Loaded; requests: Request[]; checks: boolean[] } {
  const requests: Request[] = [];
  const checks: boolean[] = [];
  const ask = (method: string, url: string, body: string | null, { headers, tags }: Params): object => {
    const request = { method, url, body, headers, name: tags.name };
    requests.push(request);
    return { status: answer(request), json: () => `task-${requests.length}` };
  };
  const modules: Record<string, object> = {
    k6: {
      check: (response: object, conditions: Record<string, (response: object) => boolean>) => {
        const fine = Object.values(conditions).every((condition) => condition(response));
        checks.push(fine);
        return fine;
      },
    },
    'k6/http': {
      default: {
        post: (url: string, body: string | null, params: Params) => ask('POST', url, body, params),
        get: (url: string, params: Params) => ask('GET', url, null, params),
      },
    },
  };
  const module = { exports: {} as Loaded };
  const require = (name: string): object => {
    imports.add(name);
    const found = modules[name];
    if (!found) throw new Error(`k6 has no module ${name}`);
    return { __esModule: true, ...found };
  };
  const context = createContext({ module, exports: module.exports, require, __ENV: env, __VU: 207, __ITER: 4, Math: { random: draw } });
  new Script(transformSync(script, { format: 'cjs' }).code).runInContext(context);
  return { script: module.exports, requests, checks };
}

/** Chance that says these, one after the other, and then the last again and again. */
function draws(...values: number[]): () => number {
  return () => (values.length > 1 ? values.shift() : values[0]) ?? 0;
}
const [CREATE, COMPLETE, LIST] = [0.1, 0.25, 0.9];
const HERE = { BASE_URL: 'http://127.0.0.1:8080/' };

describe('its options', () => {
  test('keep a rate of a thousand requests per second, however slow the answers are', async () => {
    const { script } = load(await scriptOf());
    expect(script.options.scenarios.tasks).toEqual({ executor: 'constant-arrival-rate', rate: 1000, timeUnit: '1s', duration: '10m', preAllocatedVUs: 200, maxVUs: 1000 });
  });

  test('fail a run that is slow, that fails, or that cannot keep the rate', async () => {
    const { script } = load(await scriptOf());
    expect(script.options.thresholds).toEqual({ http_req_duration: ['p(95)<100'], http_req_failed: ['rate<0.001'], checks: ['rate>0.999'], dropped_iterations: ['count==0'] });
  });

  test('are the definition’s, and those of the environment over them', async () => {
    const script = await scriptOf('    load: { rps: 50, duration: 30s, p95: 250 }');
    expect(load(script).script.options).toMatchObject({ scenarios: { tasks: { rate: 50, duration: '30s', preAllocatedVUs: 10, maxVUs: 50 } }, thresholds: { http_req_duration: ['p(95)<250'] } });
    expect(load(script, { env: { RPS: '7', DURATION: '5s' } }).script.options.scenarios.tasks).toMatchObject({ rate: 7, duration: '5s' });
  });

  test.each(['{ rps: 0 }', '{ duration: long }', '{ p95: 0 }', '{ users: 0 }', '{ vus: 7 }'])('load: %s is refused', async (settings) => {
    expect((await refusal(platformIn('prod', definition(`    load: ${settings}`)))).code).toMatch(/^TODOCTL_DEFINITION_/);
  });
});

describe('its requests', () => {
  test('make a task as the API wants it', async () => {
    const { script, requests, checks } = load(await scriptOf(), { env: HERE, draw: draws(CREATE) });
    script.default();
    const [request] = requests;
    expect(request).toMatchObject({ method: 'POST', url: 'http://127.0.0.1:8080/api/tasks', name: 'create', headers: { 'content-type': 'application/json' } });
    const task = JSON.parse(request?.body ?? '') as Record<string, unknown>;
    expect(Object.keys(task).every((key) => ['title', 'description', 'priority', 'tags', 'due', 'recurrence'].includes(key))).toBe(true);
    expect(task).toMatchObject({ title: 'Load 207-4', priority: 'medium', tags: ['load'] });
    expect(checks).toEqual([true]);
  });

  test('list open tasks, a page of them', async () => {
    const { script, requests, checks } = load(await scriptOf(), { env: HERE, draw: draws(LIST), answer: () => 200 });
    script.default();
    expect(requests).toMatchObject([{ method: 'GET', url: 'http://127.0.0.1:8080/api/tasks?completed=false&limit=20', body: null, name: 'list' }]);
    expect(checks).toEqual([true]);
  });

  test('complete a task that this user made, each once, and count as one whatever its id', async () => {
    const answer = ({ name }: Request): number => (name === 'create' ? 201 : 200);
    const { script, requests, checks } = load(await scriptOf(), { env: HERE, draw: draws(CREATE, COMPLETE, COMPLETE), answer });
    for (let time = 0; time < 3; time += 1) script.default();
    expect(requests.map(({ method, url, name }) => [method, url.replace('http://127.0.0.1:8080', ''), name])).toEqual([
      ['POST', '/api/tasks', 'create'],
      ['POST', '/api/tasks/task-1/complete', 'complete'],
      ['GET', '/api/tasks?completed=false&limit=20', 'list'],
    ]);
    expect(checks).toEqual([true, true, true]);
  });

  test('forget a task that was not made', async () => {
    const { script, requests, checks } = load(await scriptOf(), { env: HERE, draw: draws(CREATE, COMPLETE), answer: () => 503 });
    script.default();
    script.default();
    expect(requests.map(({ name }) => name)).toEqual(['create', 'list']);
    expect(checks).toEqual([false, false]);
  });

  test('are one per iteration, so that the rate is what was asked for', async () => {
    const { script, requests } = load(await scriptOf(), { env: HERE, draw: draws(CREATE, LIST, COMPLETE, CREATE, LIST), answer: ({ name }) => (name === 'create' ? 201 : 200) });
    for (let time = 1; time <= 5; time += 1) {
      script.default();
      expect(requests.length).toBe(time);
    }
  });

  test('say who asks: by the token, or by a user’s name where there is none', async () => {
    const headers = async (env: Record<string, string>): Promise<Record<string, string> | undefined> => {
      const { script, requests } = load(await scriptOf('    load: { users: 10 }'), { env: { ...HERE, ...env }, draw: draws(LIST) });
      script.default();
      return requests[0]?.headers;
    };
    expect(await headers({})).toEqual({ 'x-user-id': 'load-7' });
    expect(await headers({ TOKEN: 'a.b.c' })).toEqual({ authorization: 'Bearer a.b.c' });
  });

  test('go to the public host, unless told otherwise; without any the run does not begin', async () => {
    const url = async (settings: string, env: Record<string, string>): Promise<string | undefined> => {
      const { script, requests } = load(await scriptOf(settings), { env, draw: draws(LIST) });
      script.setup();
      script.default();
      return requests[0]?.url.split('/api')[0];
    };
    expect(await url('    host: todo.example.com', {})).toBe('https://todo.example.com');
    expect(await url('    host: todo.example.com', HERE)).toBe('http://127.0.0.1:8080');
    await expect(url('', {})).rejects.toThrow('BASE_URL is missing');
  });
});

test('it needs nothing but k6, and holds nothing of whoever renders it', async () => {
  const imports = new Set<string>();
  const script = await scriptOf();
  load(script, { imports });
  expect([...imports].sort()).toEqual(['k6', 'k6/http']);
  expect(script).not.toMatch(/https?:\/\//);
});
