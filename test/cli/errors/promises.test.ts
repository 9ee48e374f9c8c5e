// What the catalogue promises to whoever reads an error or scripts by it: exit codes that stay, and next steps that exist.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { catalogue, isErrorCode, type ErrorCode } from '../../../cli/errors/catalogue.ts';
import { ExitCode, exitMeaning } from '../../../cli/errors/entry.ts';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import { errorText } from '../../../cli/views/error.ts';

interface Manifest {
  commands: Record<string, { flags: Record<string, { name: string }> }>;
}
const manifest = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as Manifest;
const commands = new Map(Object.entries(manifest.commands).map(([id, { flags }]) => [id.replaceAll(':', ' '), new Set(Object.values(flags).map(({ name }) => name))]));
const entries = Object.entries(catalogue) as [ErrorCode, (typeof catalogue)[ErrorCode]][];

/** The commands that a text tells the reader to run (`Run todoctl events lag`, `then todoctl deploy`), with the flags that stand behind. */
function toldCommands(text: string): { command: string | undefined; flags: string[] }[] {
  return [...text.matchAll(/(?:\b[Rr]un|\bthen|\bwith|:) todoctl (?!as |again)((?:[a-z]+ ?)*)([^.,;:()`]*)/g)].map(([, words = '', rest = '']) => {
    const parts = words.trim().split(' ');
    const command = [parts.slice(0, 2).join(' '), parts[0] ?? ''].find((name) => commands.has(name));
    return { command: command ?? (words.trim() === '' ? 'todoctl' : undefined), flags: [...rest.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)].map(([, flag = '']) => flag) };
  });
}

describe('an exit code is a contract: scripts hang on it', () => {
  const EXITS: Record<keyof typeof ExitCode, RegExp> = {
    fine: /^$/,
    bug: /^(BUG|TEMPLATE_BROKEN|SUPERVISOR_FAILED|SUPERVISOR_REFUSED)$/,
    usage: /^(REVISION_UNKNOWN|SCALE_REFUSED|USAGE|UNKNOWN_(COMMAND|FLAG|CODE|PROCESS)|STEP_UNKNOWN|NEEDS_YES|SECRET_LITERAL|ENVIRONMENT_UNKNOWN|ROUTE_.*|SERVICE_UNDECLARED|TOPIC_(UNDECLARED|UNKNOWN)|(PARTITION|GROUP)_UNKNOWN|(WHERE|FORMAT|TIME)_SYNTAX|(SYSTEM|SOURCE)_UNKNOWN|NAME_TAKEN|NOTHING_TO_GENERATE|TIME_(IN_FUTURE|ORDER)|EVENT_INVALID|DEFINITION_(?!NOT_FOUND|UNREADABLE).*|PLAN_LOCAL|CONTEXT_UNKNOWN|FORWARD_UNKNOWN|DIGITALOCEAN_(INCOMPLETE|(REGION|SIZE|VERSION|DATABASE)_UNKNOWN))$/,
    precondition:
      /^(ENTRANCE_MISSING|REVISION_UNUSABLE|PODS_NOT_STARTING|SIDECAR_TROUBLE|EVENTS_NOT_FLOWING|MONITORING_BLIND|DEFINITION_(NOT_FOUND|UNREADABLE)|NODE_TOO_OLD|STEP_NEEDED|PROGRAM_MISSING|PROVIDER_.*|POSTGRES_.*|BROKER_DATA_.*|BUNDLE_FAILED|SERVICE_MISSING|NOT_(BUILT|WRITABLE|DEPLOYED)|PORT_TAKEN|DISK_FULL|DAPRD_MISSING|BOOTSTRAP_UNREACHABLE|TOPIC_SHRINK|DATABASE_UNREACHABLE|SECRET_MISSING|LOCKED|KAFKA_UNREACHABLE|FOLDER_NOT_.*|FILE_(NOT_OURS|UNUSABLE)|FOLDER_OF_ANOTHER|KIT_MISSING|TOPIC_REMOVED|CONTROLLERS_CHANGED|VOLUME_CHANGED|CAPACITY_.*|FORWARD_NO_POD|KUBECONFIG_BROKEN|CREDENTIALS_FAILED|REGISTRY_(NONE|UNREACHABLE|CREDENTIALS|NOT_OURS|IN_USE|CLEANING)|(BUILDER|SCANNER|IMAGE)_MISSING|CLUSTER_(UNREACHABLE|STRANGE|UNTRUSTED|WRONG|TOO_OLD)|LOCK_LOST|AUTH_KEY_WRONG|HELM_MISSING|RELEASE_FOREIGN|NAMESPACE_STUCK|DIGITALOCEAN_(NO_TOKEN|UNREACHABLE|LIMIT|ACCOUNT_LOCKED|NAME_TAKEN|CIDR_OVERLAP|CLUSTER_FIXED))$/,
    remoteRefused: /^(PROGRAM_FAILED|DIGITALOCEAN_(TOKEN_REFUSED|SCOPE_MISSING|NOT_FOUND|REFUSED|BUSY|CLUSTER_FAILED)|KAFKA_(AUTH_REFUSED|REFUSED|MALFORMED)|DEMO_FAILED|CLUSTER_(UNAUTHORIZED|FORBIDDEN|REFUSED)|FORWARD_FORBIDDEN|REGISTRY_(UNAUTHORIZED|REFUSED)|RELEASE_FAILED|OBJECT_REFUSED)$/,
    timedOut: /^(FINALIZER_HANGS|STEP_TIMED_OUT|PROGRAM_TIMED_OUT|PROCESS_FAILING|SMOKE_FAILED|WORKLOAD_FAILING)$/,
    difference: /^IMAGE_VULNERABLE$/,
    leftovers: /^(STOP_INCOMPLETE|LEFTOVERS)$/,
    interrupted: /^(INTERRUPTED|OUTCOME_UNKNOWN)$/,
  };

  test.each(entries)('%s', (code, { exit }) => {
    const ways = Object.entries(EXITS).filter(([, codes]) => codes.test(code.replace('TODOCTL_', ''))).map(([way]) => ExitCode[way as keyof typeof ExitCode]);
    expect(ways).toEqual([exit]);
  });

  test('each has a meaning in words, and each number one name', () => {
    const numbers = Object.values(ExitCode);
    expect(Object.keys(exitMeaning).map(Number).sort((a, b) => a - b)).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(new Set(Object.values(exitMeaning)).size).toBe(numbers.length);
  });
});

describe('a next step can be taken', () => {
  test.each(entries)('%s names only commands and flags that exist', (_code, { next }) => {
    for (const { command, flags } of toldCommands(next.join('\n'))) {
      expect(command).toBeDefined();
      for (const flag of flags) expect(['help', 'version', ...(commands.get(command ?? '') ?? [])]).toContain(flag);
    }
  });

  test('which is looked for where they stand', () => {
    expect(toldCommands('Run todoctl events lag without a name, then todoctl teardown --keep-data.')).toEqual([
      { command: 'events lag', flags: [] },
      { command: 'teardown', flags: ['keep-data'] },
    ]);
    expect(toldCommands('Run todoctl explode.')).toEqual([{ command: undefined, flags: [] }]);
  });

  test.each(entries)('%s names only codes that exist', (_code, { title, why, next }) => {
    for (const named of [title, why, ...next].join('\n').match(/\bTODOCTL_[A-Z_]+\b/g) ?? []) expect(isErrorCode(named) || named === 'TODOCTL_DEBUG').toBe(true);
  });
});

describe('every error can be read', () => {
  test.each(entries)('%s at 60 columns: what, why, next and where to read more, and no line is cut', (code, { title, next }) => {
    const text = errorText(new TodoctlError(code), { colour: false, columns: 60 });
    expect(text.replace(/\s+/g, ' ')).toContain(`Error ${title}`);
    expect(text.match(/^(Error|Why|Next|Code) /gm)).toEqual(['Error ', 'Why ', 'Next ', 'Code ']);
    for (const step of next) expect(text.replace(/\s+/g, ' ')).toContain(step.replace(/\s+/g, ' '));
    const words = [title, ...next].join(' ').split(' ');
    const longest = Math.max(...words.map((word) => word.length), code.length * 2);
    for (const line of text.split('\n')) if (!line.startsWith('Code ')) expect(line.length).toBeLessThanOrEqual(Math.max(60, longest + 6));
    expect(text).not.toContain('\u001b');
  });
});
