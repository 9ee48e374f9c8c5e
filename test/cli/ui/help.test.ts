import { describe, expect, test } from 'vitest';
import { commandHelp, groupHelp, type HelpCommand, type HelpSource, rootHelp } from '../../../cli/ui/help.ts';

const screen = { colour: false, columns: 80 };
const env = { name: 'env', char: 'e', type: 'option', helpGroup: 'GLOBAL', helpValue: 'NAME', summary: 'Environment of todoctl.yaml.', default: 'local' };
const json = { name: 'json', type: 'boolean', helpGroup: 'GLOBAL', summary: 'Print the result as JSON, and errors too.' };

const tail: HelpCommand = {
  id: 'events:tail',
  summary: 'Follow topics and print their events.',
  description: 'Reads without joining a group, so nobody else is\ndisturbed.\n\nA second paragraph.',
  strict: false,
  args: { topic: { name: 'topic', required: true, description: 'One or more topics.' } },
  flags: {
    env,
    json,
    since: { name: 'since', char: 's', type: 'option', helpValue: '10m|ISO', summary: 'Begin at events of this age or time; a long sentence that does not fit on one line of the page.' },
    format: { name: 'format', type: 'option', options: ['pretty', 'json', 'raw'], default: 'pretty', summary: 'How events look.' },
    follow: { name: 'follow', type: 'boolean', allowNo: true, summary: 'Go on at the end.' },
    partition: { name: 'partition', type: 'option', multiple: true, helpValue: 'N', summary: 'Only these partitions.' },
    trace: { name: 'trace', type: 'boolean', hidden: true },
  },
  examples: ['<%= config.bin %> <%= command.id %> task-events', { description: 'Since yesterday:', command: '<%= config.bin %> <%= command.id %> task-events --since 1d' }],
};
const bare = (id: string, summary: string): HelpCommand => ({ id, summary, args: {}, flags: { env, json } });
const source: HelpSource = {
  bin: 'todoctl',
  description: 'One CLI that runs a platform.',
  topics: { events: { description: 'Watch, search and publish events.' } },
  commands: [bare('backup', 'Back it up.'), bare('deploy', 'Make it so.'), bare('explain', 'Say why.'), bare('events:lag', 'Show how far consumers are behind.'), tail, { ...bare('secret', 'Unseen.'), hidden: true }],
};

test('the whole program: a working day first, groups after, hidden commands not at all', () => {
  expect(rootHelp(source, screen)).toMatchInlineSnapshot(`
    "One CLI that runs a platform.

    USAGE
      $ todoctl COMMAND [FLAGS]

    COMMANDS
      deploy   Make it so.
      explain  Say why.
      backup   Back it up.

    EVENTS
      events lag   Show how far consumers are behind.
      events tail  Follow topics and print their events.

    FLAGS OF EVERY COMMAND
      -e, --env NAME  Environment of todoctl.yaml. (default: local)
      -h, --help      Show help.
          --json      Print the result as JSON, and errors too.
      -V, --version   Show the versions of todoctl and Node.

    EXIT CODES
        0  fine
        1  a mistake in todoctl
        2  a mistake in what was typed or written
        3  something must be there first
        4  the other side refused
        5  it took too long
        6  a difference was found
        7  something is left over
      130  interrupted

    todoctl COMMAND --help shows the flags of a command and examples.
    "
  `);
});

test('a group', () => {
  expect(groupHelp('events', source, screen)).toMatchInlineSnapshot(`
    "Watch, search and publish events.

    USAGE
      $ todoctl events COMMAND [FLAGS]

    COMMANDS
      events lag   Show how far consumers are behind.
      events tail  Follow topics and print their events.
    "
  `);
});

test('a command with everything', () => {
  expect(commandHelp(tail, source, screen)).toMatchInlineSnapshot(`
    "Follow topics and print their events.

    USAGE
      $ todoctl events tail TOPIC... [FLAGS]

    ARGUMENTS
      TOPIC...  One or more topics.

    FLAGS
      -s, --since 10m|ISO           Begin at events of this age or time; a long
                                    sentence that does not fit on one line of the
                                    page.
          --format pretty|json|raw  How events look. (default: pretty)
          --[no-]follow             Go on at the end.
          --partition N...          Only these partitions.

    GLOBAL FLAGS
      -e, --env NAME  Environment of todoctl.yaml. (default: local)
      -h, --help      Show help.
          --json      Print the result as JSON, and errors too.

    DESCRIPTION
      Reads without joining a group, so nobody else is disturbed.

      A second paragraph.

    EXAMPLES
      $ todoctl events tail task-events
      Since yesterday:
        $ todoctl events tail task-events --since 1d
    "
  `);
});

test('a command with nothing of its own shows no empty sections', () => {
  expect(commandHelp(bare('deploy', 'Make it so.'), source, screen)).toMatchInlineSnapshot(`
    "Make it so.

    USAGE
      $ todoctl deploy [FLAGS]

    GLOBAL FLAGS
      -e, --env NAME  Environment of todoctl.yaml. (default: local)
      -h, --help      Show help.
          --json      Print the result as JSON, and errors too.
    "
  `);
});

describe('the page', () => {
  const pages = (given: typeof screen): string[] => [rootHelp(source, given), groupHelp('events', source, given), commandHelp(tail, source, given)];

  test.each([60, 80, 200])('of a terminal with %i columns is no wider than that, and never wider than 80', (columns) => {
    for (const page of pages({ colour: false, columns })) {
      for (const line of page.split('\n')) expect(line.length, line).toBeLessThanOrEqual(Math.min(columns, 80));
    }
  });

  test('has headings in bold on a terminal, and nothing but text elsewhere', () => {
    expect(rootHelp(source, { colour: true, columns: 80 })).toContain('\u001b[1mUSAGE\u001b[22m');
    for (const page of pages(screen)) expect(page).not.toContain('\u001b');
  });

  test('ends with one line break and has no trailing spaces', () => {
    for (const page of pages(screen)) {
      expect(page).toMatch(/\S\n$/);
      expect(page).not.toMatch(/ \n/);
    }
  });
});
