// What `open` says, when it ends, and what it says of it.
import { describe, expect, test } from 'vitest';
import { open, type OpenResult } from '../../../cli/operations/open.ts';
import type { ForwardSelection, Target } from '../../../cli/targets/target.ts';
import { openText } from '../../../cli/views/open.ts';
import { refusal } from '../../support/definition.ts';
import { contextOn, targetWith } from './stage.ts';

const silent = (): void => undefined;

async function opened(target: Target, what?: string, port?: number): Promise<{ result: OpenResult; ended: Promise<void>; stop: () => void }> {
  const stop = new AbortController();
  const said = Promise.withResolvers<OpenResult>();
  const ended = open(contextOn(target, stop.signal), { print: true, ...(what === undefined ? {} : { what }), ...(port === undefined ? {} : { port }) }, said.resolve, silent);
  ended.catch(said.reject);
  return { result: await said.promise, ended, stop: () => stop.abort() };
}

describe('open', () => {
  test('without a name is the entrance, and ends at once', async () => {
    const { result, ended } = await opened(targetWith({ entrance: async () => ({ url: new URL('https://todo.example.com/'), record: 'todo.example.com A 203.0.113.7' }) }));
    await ended;
    expect(result).toEqual({ environment: 'local', url: 'https://todo.example.com/', record: 'todo.example.com A 203.0.113.7' });
  });

  test('of a dashboard passes on until Ctrl-C', async () => {
    const asked: ForwardSelection[] = [];
    const target = targetWith({ forward: async (selection) => (asked.push(selection), { url: new URL('http://127.0.0.1:3000/'), to: 'grafana-0 in monitoring', user: 'admin', password: 'kubectl …' }) });
    const { result, ended, stop } = await opened(target, 'grafana', 3000);
    expect(result).toEqual({ environment: 'local', url: 'http://127.0.0.1:3000/', to: 'grafana-0 in monitoring', user: 'admin', password: 'kubectl …' });
    expect(asked).toMatchObject([{ what: 'grafana', port: 3000 }]);
    let over = false;
    void ended.then(() => (over = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(over).toBe(false);
    stop();
    await ended;
  });

  test('of a dashboard on this machine: there is none', async () => {
    expect(await refusal(opened(targetWith(), 'grafana'))).toMatchObject({ code: 'TODOCTL_FORWARD_UNKNOWN', next: ['Run todoctl open without a name.'] });
  });
});

describe('as text', () => {
  test('the address stands alone on the first line, for whoever reads it by a program', () => {
    const text = openText({ environment: 'staging', url: 'http://127.0.0.1:3000/', to: 'grafana-0 in monitoring', user: 'admin', password: 'kubectl get …' }, { colour: false });
    expect(text).toBe('http://127.0.0.1:3000/\nUser      admin\nPassword  kubectl get …\nPassing on to grafana-0 in monitoring until Ctrl-C.\n');
  });

  test('of an entrance whose name is not known yet', () => {
    expect(openText({ environment: 'prod', url: 'https://x/', record: 'x A 203.0.113.7' }, { colour: false })).toBe('https://x/\nDNS       x A 203.0.113.7\n');
  });
});
