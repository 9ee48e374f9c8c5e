import { describe, expect, test } from 'vitest';
import { chooseRunAs, type CommandLine } from '../../../../../cli/targets/local/postgres/unprivileged.ts';

const postgres: CommandLine = { command: '/pg/postgres', args: ['-D', '/data'] };
const working = (...words: string[]) => ({ command, args }: CommandLine): boolean => words.some((word) => [command, ...args].some((part) => part.includes(word)));

test('an ordinary user runs it as it is, and nothing is tried', () => {
  const runAs = chooseRunAs(1000, () => { throw new Error('tried'); });
  expect(runAs).toMatchObject({ way: 'itself', uid: 1000 });
  expect(runAs.wrap(postgres)).toEqual(postgres);
});

describe('root', () => {
  test('in a user namespace, where it can: files stay root\'s', () => {
    const runAs = chooseRunAs(0, working('unshare'));
    expect(runAs).toMatchObject({ way: 'user-namespace', uid: 0 });
    const { command, args } = runAs.wrap(postgres);
    expect(command).toMatch(/unshare$/);
    expect(args).toEqual(['--user', '--map-user=1000', '--map-group=1000', '/pg/postgres', '-D', '/data']);
  });

  test('else as nobody, with the right to pass through root\'s folders', () => {
    const runAs = chooseRunAs(0, working('setpriv'));
    expect(runAs).toMatchObject({ way: 'other-user', uid: 65_534 });
    expect(runAs.wrap(postgres).args).toEqual(['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=+dac_override', '--ambient-caps=+dac_override', '/pg/postgres', '-D', '/data']);
  });

  test('else as nobody without it', () => {
    const runAs = chooseRunAs(0, ({ command, args }) => command.endsWith('setpriv') && !args.some((arg) => arg.includes('ambient')));
    expect(runAs.wrap(postgres).args).toEqual(['--reuid=65534', '--regid=65534', '--clear-groups', '/pg/postgres', '-D', '/data']);
  });

  test('else not at all, and says so', () => {
    expect(() => chooseRunAs(0, () => false)).toThrow(expect.objectContaining({ code: 'TODOCTL_POSTGRES_AS_ROOT' }) as Error);
  });
});
