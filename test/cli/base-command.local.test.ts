// What every command shares, through oclif: bin/dev.js has no fast path.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const dev = path.join(root, 'bin/dev.js');

interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

function todoctl(argv: string[], env: Record<string, string> = {}, input = ''): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [dev, ...argv], { encoding: 'utf8', cwd: root, input, env: { PATH: process.env['PATH'], ...env } });
  return { status, stdout, stderr };
}

describe('--json', () => {
  test('prints one object on stdout and nothing else', () => {
    const { status, stdout, stderr } = todoctl(['explain', 'ROUTE_TAKEN', '--json']);
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ code: 'TODOCTL_ROUTE_TAKEN', exit: 2 });
  });

  test.each([
    [['explain', 'xyzzy', '--json'], 'TODOCTL_UNKNOWN_CODE'],
    [['explain', '--nonsense', '--json'], 'TODOCTL_UNKNOWN_FLAG'],
    [['explain', 'A', 'B', '--json'], 'TODOCTL_USAGE'],
    [['explain', '--json', '--env'], 'TODOCTL_USAGE'],
  ])('%j prints one small error and exits 2, not oclif’s whole configuration', (argv, code) => {
    const { status, stdout, stderr } = todoctl(argv);
    expect([status, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
    expect(stdout.length).toBeLessThan(1000);
  });
});

describe('an error', () => {
  test('goes to stderr, whole, and stdout stays empty', () => {
    const { status, stdout, stderr } = todoctl(['explain', '--enviroment', 'prod']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatchInlineSnapshot(`
      "Error todoctl explain has no flag --enviroment
      Why   An unknown flag would be passed over in silence, and what it asks for
            would not happen.
      Next  Did you mean --env?
            todoctl explain --help shows its flags and examples.
      Code  TODOCTL_UNKNOWN_FLAG (todoctl explain TODOCTL_UNKNOWN_FLAG)
      "
    `);
  });

  test('of an unknown environment names the nearest', () => {
    const { status, stderr } = todoctl(['status', '--env', 'lcoal']);
    expect(status).toBe(2);
    expect(stderr).toContain('Did you mean --env local?');
  });

  test('of a protected environment that nobody can be asked about says so before anything else', () => {
    const { status, stderr } = todoctl(['deploy', '--env', 'prod']);
    expect(status).toBe(2);
    expect(stderr).toContain('TODOCTL_NEEDS_YES');
  });
});

describe('streams', () => {
  test('a reader that has read enough is no error', () => {
    const script = `"$0" "$1" explain | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script, process.execPath, dev], { encoding: 'utf8', cwd: root, env: { PATH: process.env['PATH'] } });
    expect(stdout.trim().split('\n').at(-1)).toBe('0');
    expect(stderr).toBe('');
  });

  test('what is piped in is not taken for an argument', () => {
    expect(todoctl(['explain'], {}, 'TODOCTL_BUG').stdout).toContain('The number is the exit code.');
  });

  test('colour is for terminals, and for those who force it', () => {
    expect(todoctl(['explain', 'BUG']).stdout).not.toContain('\u001b');
    expect(todoctl(['explain', 'BUG'], { FORCE_COLOR: '1' }).stdout).toContain('\u001b');
    expect(todoctl(['explain', 'BUG'], { FORCE_COLOR: '1', NO_COLOR: '1' }).stdout).not.toContain('\u001b');
  });
});

test('help through oclif is the house’s', () => {
  const { status, stdout } = todoctl(['explain', '--help']);
  expect(status).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "Say what an error code means, why it happens and what to do.

    USAGE
      $ todoctl explain [CODE] [FLAGS]

    ARGUMENTS
      CODE  Code of an error; TODOCTL_ in front may be left out.

    GLOBAL FLAGS
      -e, --env NAME  Environment of todoctl.yaml. (default: local)
      -h, --help      Show help.
          --json      Print the result as JSON, and errors too.

    DESCRIPTION
      Without a code, all codes are listed with their exit codes.

      With --json: {code, title, why, next[], exit, exitMeaning}, or {errors:
      [{code, title, exit}]}.

    EXAMPLES
      $ todoctl explain TODOCTL_ROUTE_TAKEN
      $ todoctl explain route_taken
      $ todoctl explain --json
    "
  `);
});
