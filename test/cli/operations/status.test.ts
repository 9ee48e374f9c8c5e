import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { doctor } from '../../../cli/operations/doctor.ts';
import { logs } from '../../../cli/operations/logs.ts';
import { status } from '../../../cli/operations/status.ts';
import { statusText } from '../../../cli/views/status.ts';
import { contextOn, ready, targetWith } from './stage.ts';

describe('status', () => {
  test('is ready when everything is', async () => {
    expect(await status(contextOn(targetWith({ status: async () => [ready('a'), ready('b')] })))).toEqual({
      environment: 'local', ready: true, entrance: 'http://127.0.0.1:8/', kafka: '127.0.0.1:9', folder: '/project/.todoctl/local', processes: [ready('a'), ready('b')],
    });
  });

  test.each(['starting', 'failing', 'stopped'] as const)('is not ready when one is %s', async (state) => {
    expect((await status(contextOn(targetWith({ status: async () => [ready('a'), ready('b', { state })] })))).ready).toBe(false);
  });

  test('of nothing is not ready, and has no address', async () => {
    const nothing = (): Promise<never> => Promise.reject(new TodoctlError('TODOCTL_NOT_DEPLOYED'));
    const target = targetWith({ entrance: nothing, kafka: nothing });
    expect(await status(contextOn(target))).toEqual({ environment: 'local', ready: false, folder: '/project/.todoctl/local', processes: [] });
  });

  test('where one of the addresses is not there yet, the other is told', async () => {
    const target = targetWith({ entrance: () => Promise.reject(new TodoctlError('TODOCTL_ENTRANCE_MISSING')) });
    const result = await status(contextOn(target));
    expect(result.kafka).toBe('127.0.0.1:9');
    expect(result).not.toHaveProperty('entrance');
  });

  test('any other trouble with addresses is not hidden', async () => {
    const target = targetWith({ kafka: () => Promise.reject(new Error('disk broke')) });
    await expect(status(contextOn(target))).rejects.toThrow('disk broke');
  });
});

describe('the meter of status', () => {
  const node = { kind: 'node pool', name: 'main', id: '1', owner: 'environment', since: 0, price: { monthly: 672, hourly: 1, source: 'GET /v2/sizes', asOf: '2026-11-21' } } as const;

  test('says what is there costs, and since when', async () => {
    const result = await status(contextOn(targetWith({ status: async () => [ready('a')], billed: async () => [node] })));
    expect(result.cost).toEqual({ hourly: 1, monthly: 672, since: 0 });
    expect(statusText(result, { colour: false, columns: 80 }, 7_200_000)).toContain('Costs     $1.0000 an hour, $672.00 a month; since 2 h at most $2.00');
  });

  test('is left out where the provider cannot be asked, and where nothing is billed', async () => {
    const refused = targetWith({ status: async () => [ready('a')], billed: () => Promise.reject(new TodoctlError('TODOCTL_DIGITALOCEAN_NO_TOKEN')) });
    expect(await status(contextOn(refused))).not.toHaveProperty('cost');
    expect(await status(contextOn(targetWith({ billed: async () => [] })))).not.toHaveProperty('cost');
  });
});

describe('doctor', () => {
  test.each(['TODOCTL_CLUSTER_UNREACHABLE', 'TODOCTL_DIGITALOCEAN_TOKEN_REFUSED'] as const)('tells %s among the other findings, and once', async (code) => {
    const refused = (): Promise<never> => Promise.reject(new TodoctlError(code));
    const alone = await doctor(contextOn(targetWith({ diagnose: refused })));
    expect(alone).toMatchObject({ ok: false, checks: [{ title: 'Node', ok: true }, { title: 'The platform can be looked at', ok: false, code }] });
    const said = { title: 'Asked first', error: new TodoctlError(code) };
    const twice = await doctor(contextOn(targetWith({ preflight: async () => [said], diagnose: refused })));
    expect(twice.checks.map(({ title }) => title)).toEqual(['Asked first']);
  });

  test('any other trouble is not taken for a finding', async () => {
    await expect(doctor(contextOn(targetWith({ diagnose: () => Promise.reject(new Error('disk broke')) })))).rejects.toThrow('disk broke');
  });

  test('is content when every check and every process is', async () => {
    const target = targetWith({ status: async () => [ready('broker')] });
    expect(await doctor(contextOn(target))).toEqual({ environment: 'local', ok: true, deployed: true, checks: [{ title: 'Node', ok: true }, { title: 'Process broker', ok: true }] });
  });

  test('tells a platform that is well from one that is not there', async () => {
    expect(await doctor(contextOn(targetWith({ diagnose: async () => [] })))).toMatchObject({ ok: true, deployed: false });
  });

  test('has a next step for whatever is wrong', async () => {
    const target = targetWith({
      preflight: async () => [{ title: 'Disk', error: new TodoctlError('TODOCTL_DISK_FULL', { message: 'full', details: ['1 MB'] }) }],
      status: async () => [ready('broker', { state: 'failing', reason: 'ended with code 1' }), ready('web-0', { state: 'stopped' })],
    });
    const { ok, checks } = await doctor(contextOn(target));
    expect(ok).toBe(false);
    expect(checks.map(({ message, code }) => [message, code])).toEqual([['full', 'TODOCTL_DISK_FULL'], ['broker is failing: ended with code 1', 'TODOCTL_PROCESS_FAILING'], ['web-0 is stopped', 'TODOCTL_PROCESS_FAILING']]);
    expect(checks.map(({ next }) => next?.[0])).toEqual(['Free some space on the disk that holds the project.', 'Run todoctl logs broker.', 'Run todoctl deploy.']);
    expect(checks[0]?.details).toEqual(['1 MB']);
  });
});

test('logs hands its selection and the first Ctrl-C to the target', async () => {
  const stop = new AbortController();
  const asked: unknown[] = [];
  const target = targetWith({
    async *logs(selection, signal) {
      asked.push(selection, signal);
      yield { process: 'a', text: 'one' };
    },
  });
  const lines = await Array.fromAsync(logs(contextOn(target, stop.signal), { names: ['a'], follow: true, tail: 5 }));
  expect(lines).toEqual([{ process: 'a', text: 'one' }]);
  expect(asked).toEqual([{ names: ['a'], follow: true, tail: 5, sidecar: false, previous: false }, stop.signal]);
});
