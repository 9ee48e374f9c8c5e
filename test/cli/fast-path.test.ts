import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Config } from '@oclif/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Answer, answer } from '../../cli/fast-path.ts';
import Help from '../../cli/help-class.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = path.resolve(import.meta.dirname, '../..');
const screen = { colour: false, columns: 80 };

function ask(...argv: string[]): Answer | undefined {
  return answer(argv, { root, env: {}, screen });
}

/** stdout and stderr in one, as a terminal shows them. */
function transcript(...argv: string[]): string {
  const given = ask(...argv);
  return given ? `\n$ todoctl ${argv.join(' ')}\n${given.stdout ?? ''}${given.stderr ?? ''}[exit ${given.exit}]` : 'not answered here';
}

describe('explain', () => {
  test('a code', () => {
    expect(transcript('explain', 'TODOCTL_ROUTE_TAKEN')).toMatchInlineSnapshot(`
      "
      $ todoctl explain TODOCTL_ROUTE_TAKEN
      TODOCTL_ROUTE_TAKEN  Two services want the same route
      Why   The entrance gives each path prefix to exactly one service.
      Next  Give one of the two another route.
      Exit  2, a mistake in what was typed or written
      [exit 0]"
    `);
  });

  test('a code without its beginning, in small letters', () => {
    expect(ask('explain', 'route-taken')).toEqual(ask('explain', 'TODOCTL_ROUTE_TAKEN'));
  });

  test('a code that is misspelt', () => {
    expect(transcript('explain', 'TODOCTL_ROUT_TAKEN')).toMatchInlineSnapshot(`
      "
      $ todoctl explain TODOCTL_ROUT_TAKEN
      Error No error has the code TODOCTL_ROUT_TAKEN
      Why   Codes look like TODOCTL_ROUTE_TAKEN; the whole list stands in
            docs/errors.md.
      Next  Did you mean todoctl explain TODOCTL_ROUTE_TAKEN?
      Code  TODOCTL_UNKNOWN_CODE (todoctl explain TODOCTL_UNKNOWN_CODE)
      [exit 2]"
    `);
  });

  test('a code that is like no other', () => {
    expect(transcript('explain', 'xyzzy')).toMatchInlineSnapshot(`
      "
      $ todoctl explain xyzzy
      Error No error has the code xyzzy
      Why   Codes look like TODOCTL_ROUTE_TAKEN; the whole list stands in
            docs/errors.md.
      Next  Run todoctl explain without a code to list them all.
      Code  TODOCTL_UNKNOWN_CODE (todoctl explain TODOCTL_UNKNOWN_CODE)
      [exit 2]"
    `);
  });

  test('as JSON', () => {
    expect(transcript('explain', 'ROUTE_TAKEN', '--json')).toMatchInlineSnapshot(`
      "
      $ todoctl explain ROUTE_TAKEN --json
      {
        "code": "TODOCTL_ROUTE_TAKEN",
        "title": "Two services want the same route",
        "why": "The entrance gives each path prefix to exactly one service.",
        "next": [
          "Give one of the two another route."
        ],
        "exit": 2,
        "exitMeaning": "a mistake in what was typed or written"
      }
      [exit 0]"
    `);
    expect(JSON.parse(ask('explain', '--json', 'xyzzy')?.stdout ?? '')).toMatchObject({ error: { code: 'TODOCTL_UNKNOWN_CODE' } });
  });

  test('the list: every code on one line with its exit code', () => {
    const { stdout = '', exit } = ask('explain') as Answer;
    const { errors } = JSON.parse(ask('explain', '--json')?.stdout ?? '') as { errors: { code: string; title: string; exit: number }[] };
    expect(exit).toBe(0);
    for (const { code, title, exit: status } of errors) expect(stdout).toMatch(new RegExp(`^${code} +${status}  ${title.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`, 'm'));
  });

  test.each([[['explain', 'A', 'B']], [['explain', '--env', 'prod']], [['explain', '--nonsense']], [['explain', 'A', '--', 'B']]])('%j is for oclif’s parser', (argv) => {
    expect(ask(...argv)).toBeUndefined();
  });
});

describe('versions', () => {
  test.each(['--version', '-V'])('%s', (flag) => {
    expect(ask(flag)).toEqual({ stdout: `todoctl/0.1.0 ${process.platform}-${process.arch} node-${process.version}\n`, exit: 0 });
  });
});

describe('commands that are not there', () => {
  test('a slip of the fingers', () => {
    expect(transcript('explian', 'TODOCTL_BUG')).toMatchInlineSnapshot(`
      "
      $ todoctl explian TODOCTL_BUG
      Error todoctl has no command explian
      Why   The words in front of the first flag must name a command, or a group and a
            command like events tail.
      Next  Did you mean todoctl explain?
            todoctl --help shows all commands.
      Code  TODOCTL_UNKNOWN_COMMAND (todoctl explain TODOCTL_UNKNOWN_COMMAND)
      [exit 2]"
    `);
  });

  test('as JSON', () => {
    const { stdout = '', exit } = ask('explian', '--json') as Answer;
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'TODOCTL_UNKNOWN_COMMAND', next: ['Did you mean todoctl explain?', 'todoctl --help shows all commands.'] } });
  });

  test('help on one', () => {
    expect(ask('explian', '--help')).toMatchObject({ exit: 2 });
  });

  test('a flag in front of the command', () => {
    expect(transcript('--env', 'prod', 'deploy')).toMatchInlineSnapshot(`
      "
      $ todoctl --env prod deploy
      Error --env stands where a command must stand
      Why   The words in front of the first flag must name a command, or a group and a
            command like events tail.
      Next  Write flags behind the command: todoctl COMMAND --env
      Code  TODOCTL_UNKNOWN_COMMAND (todoctl explain TODOCTL_UNKNOWN_COMMAND)
      [exit 2]"
    `);
  });
});

describe('what oclif must do itself', () => {
  test.each([[['deploy']], [['deploy', '--env', 'prod']], [['logs', 'audit', '--follow']], [['deploy', '--', '--help']]])('%j', (argv) => {
    expect(ask(...argv)).toBeUndefined();
  });
});

describe('help', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** What oclif prints with the house's help class. */
  async function oclif(...argv: string[]): Promise<string> {
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    const config = await Config.load({ root });
    await new Help(config).showHelp(argv);
    vi.restoreAllMocks();
    return written.join('');
  }

  test('of the program, of every group and of every command is byte for byte what oclif prints', async () => {
    const { commands, topics } = await Config.load({ root });
    const subjects = [[], ...commands.map(({ id }) => id.split(':')), ...topics.filter(({ name }) => commands.some(({ id }) => id.startsWith(`${name}:`))).map(({ name }) => [name])];
    expect(subjects.length).toBeGreaterThan(5);
    const oclifs = processIoScreen();
    for (const words of subjects) {
      const ours = answer([...words, '--help'], { root, env: process.env, screen: oclifs });
      expect(ours?.stdout, words.join(' ')).toBe(await oclif(...words));
    }
  });

  test.each([[[]], [['help']], [['-h']], [['--help']]])('%j is help of the program', (argv) => {
    expect(ask(...argv)).toEqual(ask('--help'));
    expect(ask(...argv)?.exit).toBe(0);
  });

  test('help COMMAND, COMMAND --help and --help among arguments and flags are one', () => {
    const wanted = ask('deploy', '--help');
    for (const argv of [['help', 'deploy'], ['deploy', '-h'], ['deploy', '--env', 'prod', '--help']]) expect(ask(...argv)).toEqual(wanted);
  });
});

/** The screen that oclif's way sees in this process. */
function processIoScreen(): typeof screen {
  return { colour: !process.env['NO_COLOR'] && (process.stdout.isTTY || Boolean(process.env['FORCE_COLOR'])), columns: process.stdout.columns || process.stderr.columns || 80 };
}

describe('groups of commands', () => {
  const flags = {};
  const fixture = async (): Promise<string> => {
    const folder = await temporaryFolder();
    const pjson = { name: 'todoctl', version: '1.2.3', description: 'One CLI.', oclif: { bin: 'todoctl', topics: { events: { description: 'Watch events.' } } } };
    const commands = { 'events:tail': { id: 'events:tail', summary: 'Follow.', args: {}, flags }, deploy: { id: 'deploy', summary: 'Make it so.', args: {}, flags } };
    await writeFile(path.join(folder, 'package.json'), JSON.stringify(pjson));
    await writeFile(path.join(folder, 'oclif.manifest.json'), JSON.stringify({ commands }));
    return folder;
  };

  test.each([
    [['events'], 0, 'events tail'],
    [['events', '--help'], 0, 'Watch events.'],
    [['events', 'tial'], 2, 'Did you mean todoctl events tail?'],
    [['tail', 'task-events'], 2, 'Did you mean todoctl events tail?'],
    [['event', 'tail'], 2, 'todoctl has no command event'],
    [['deploy', 'now', 'please', '--json'], 2, 'todoctl deploy takes no argument now please'],
    [['events', 'tail', 'task-events'], 2, 'todoctl events tail takes no argument task-events'],
  ])('%j', async (argv, exit, text) => {
    const given = answer(argv, { root: await fixture(), env: {}, screen }) as Answer;
    expect(given.exit).toBe(exit);
    expect(`${given.stdout}${given.stderr}`).toContain(text);
  });
});

test('the answer reaches a pipe whole, even a slow one, and a reader that goes away is no error', async () => {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder, 'dist'));
  const module = path.join(root, 'cli/fast-path.ts');
  const script = path.join(folder, 'ask.mjs');
  await writeFile(script, `import { fastPath } from ${JSON.stringify(module)}; fastPath(['explain'], ${JSON.stringify(root)});`);
  const whole = ask('explain')?.stdout ?? '';
  const shell = (command: string): { stdout: string; stderr: string; status: number | null } =>
    spawnSync('bash', ['--norc', '-c', command], { encoding: 'utf8', env: { PATH: process.env['PATH'] }, cwd: folder });
  expect(shell(`"${process.execPath}" ask.mjs | (sleep 0.2; cat)`).stdout).toBe(whole);
  const early = shell(`"${process.execPath}" ask.mjs | head -n 1; echo "\${PIPESTATUS[0]}"`);
  expect([early.stdout.split('\n')[1], early.stderr]).toEqual(['0', '']);
});
