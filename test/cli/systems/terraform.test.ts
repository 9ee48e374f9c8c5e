// Terraform of an environment: names that the provider has, references that resolve, nothing secret in a file, formatted.
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rendered } from '../../../cli/render/rendered.ts';
import { type Block, type Literal, literalOf, misformatted, readHcl } from '../../support/hcl.ts';
import { platformIn, renderedOf } from '../../support/rendered.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { brokenReferences, inside, named, referencesIn, unknownNames } from '../../support/terraform-check.ts';
import { SENSITIVE } from '../../support/terraform-digitalocean.ts';

const FILES = ['backend', 'main', 'outputs', 'variables', 'versions'].map((name) => `terraform/${name}.tf`);

function definition(environment: string, services = '  task-api: { route: /api, publishes: [task-events], database: true }\n  audit: { subscribes: [task-events], database: true }'): string {
  return `platform: todo
topics:
  task-events: { key: task, partitions: 6, retention: 7d, retentionSize: 1GiB }
services:
${services}
environments:
  prod:
    provider: digitalocean
    region: fra1
    auth: { jwks: https://id.example.com/keys }
${environment}`;
}

const SCALED = '    nodes: { size: s-4vcpu-8gb, count: 3, min: 2, max: 5 }';
/** Each kind of environment that the templates tell apart. */
const ENVIRONMENTS: Readonly<Record<string, string>> = {
  everything: `${SCALED}\n    protected: true\n    postgres: { provider: digitalocean, size: db-s-4vcpu-8gb }\n    kafka: { provider: digitalocean }\n    terraform: { bucket: todo-state, region: ams3, registry: use, network: 7, kafkaSize: gd-2vcpu-8gb }`,
  'nothing managed': '    nodes: { size: s-2vcpu-4gb, count: 2 }\n    registry: { server: ghcr.io, repository: example/todo }',
  'a pooler': '    nodes: { size: s-2vcpu-4gb, count: 3 }\n    postgres: { provider: digitalocean, size: db-s-2vcpu-4gb, pooled: 60 }',
  'scaled and unprotected': `${SCALED}\n    postgres: { provider: digitalocean }`,
  'protected and fixed': '    nodes: { size: s-2vcpu-4gb, count: 3 }\n    protected: true\n    kafka: { provider: digitalocean }',
};

async function filesOf(environment: string): Promise<Rendered[]> {
  return renderedOf(await platformIn('prod', definition(environment))).filter(({ system }) => system === 'terraform');
}

/** All files as one, as Terraform reads them. */
function together(files: readonly Rendered[]): Block[] {
  return files.flatMap(({ text }) => readHcl(text).blocks);
}

const textOf = (block: Block | undefined, attribute: string): string | undefined => block?.attributes.get(attribute)?.text;
const valueOf = (block: Block | undefined, attribute: string): Literal => literalOf(textOf(block, attribute) ?? 'null');
const defaultOf = (blocks: readonly Block[], variable: string): Literal => valueOf(named(blocks, 'variable', variable), 'default');

describe.each(Object.entries(ENVIRONMENTS))('Terraform of an environment with %s', (_name, environment) => {
  let files: Rendered[];
  let blocks: Block[];
  beforeEach(async () => {
    files = await filesOf(environment);
    blocks = together(files);
  });

  test('has its five files', () => {
    expect(files.map(({ path: file }) => file).sort()).toEqual(FILES);
  });

  test('uses only names that the provider and the language have', () => {
    expect(blocks.flatMap(unknownNames)).toEqual([]);
  });

  test('refers only to what is there', () => {
    expect(brokenReferences(blocks)).toEqual([]);
  });

  test('names each thing once', () => {
    const names = blocks.filter(({ labels }) => labels.length > 0).map(({ type, labels }) => [type, ...labels].join('.'));
    expect(new Set(names).size).toBe(names.length);
  });

  test('has no variable that nothing reads', () => {
    const read = blocks.flatMap(referencesIn).filter(([first]) => first === 'var').map(([, name]) => name);
    expect(blocks.filter(({ type }) => type === 'variable').map(({ labels }) => labels[0]).filter((name) => !read.includes(name))).toEqual([]);
  });

  test('says of each output whether it is secret, and of each variable what it is', () => {
    for (const output of blocks.filter(({ type }) => type === 'output')) {
      const secret = (output.attributes.get('value')?.references ?? []).some((reference) => SENSITIVE.includes(reference.at(-1) ?? '') || textOf(output, 'value')?.includes('.password'));
      expect(textOf(output, 'sensitive') === 'true', output.labels[0]).toBe(secret);
    }
    for (const variable of blocks.filter(({ type }) => type === 'variable')) expect([...variable.attributes.keys()], variable.labels[0]).toEqual(expect.arrayContaining(['description', 'type']));
  });

  test('stands as `terraform fmt` wants it', () => {
    for (const { path: file, text } of files) expect(misformatted(text), file).toEqual([]);
  });

  test('takes the token by a variable without a value, or from DIGITALOCEAN_TOKEN', () => {
    const token = named(blocks, 'variable', 'do_token');
    expect(textOf(token, 'sensitive')).toBe('true');
    expect(valueOf(token, 'default')).toBeNull();
    expect(textOf(named(blocks, 'provider', 'digitalocean'), 'token')).toBe('var.do_token');
  });
});

describe('the cluster', () => {
  test('is autoscaled between its bounds, in its own network, and is changed on Sunday at four', async () => {
    const blocks = together(await filesOf(ENVIRONMENTS['everything'] ?? ''));
    const cluster = named(blocks, 'resource', 'digitalocean_kubernetes_cluster');
    expect(textOf(cluster, 'vpc_uuid')).toBe('digitalocean_vpc.main.id');
    expect(textOf(cluster, 'version')).toBe('data.digitalocean_kubernetes_versions.offered.latest_version');
    expect(defaultOf(blocks, 'kubernetes_version')).toBe('1.36.');
    expect(['node_size', 'node_count', 'node_min', 'node_max'].map((name) => defaultOf(blocks, name))).toEqual(['s-4vcpu-8gb', 3, 2, 5]);
    expect(textOf(inside(cluster, 'node_pool'), 'auto_scale')).toBe('true');
    expect(valueOf(inside(cluster, 'maintenance_policy'), 'day')).toBe('sunday');
    expect(valueOf(inside(cluster, 'maintenance_policy'), 'start_time')).toBe('04:00');
    expect(textOf(inside(cluster, 'lifecycle'), 'ignore_changes')).toBe('[node_pool[0].node_count]');
  });

  test.each([['everything', true], ['protected and fixed', true], ['scaled and unprotected', false], ['nothing managed', false]])('of an environment with %s: protected is %s', async (name, kept) => {
    const cluster = named(together(await filesOf(ENVIRONMENTS[name] ?? '')), 'resource', 'digitalocean_kubernetes_cluster');
    expect(valueOf(cluster, 'ha')).toBe(kept);
    expect(textOf(inside(cluster, 'lifecycle'), 'prevent_destroy')).toBe(kept ? 'true' : undefined);
    // What is kept must not take its volumes with it.
    expect(textOf(cluster, 'destroy_all_associated_resources')).toBe(kept ? undefined : 'true');
  });

  test('with as many nodes at least as at most has no autoscaler', async () => {
    const blocks = together(await filesOf(ENVIRONMENTS['nothing managed'] ?? ''));
    const pool = inside(named(blocks, 'resource', 'digitalocean_kubernetes_cluster'), 'node_pool');
    expect([...(pool?.attributes.keys() ?? [])]).toEqual(['name', 'size', 'node_count', 'tags']);
  });

  test('has addresses of its own: those it was given, else its name’s', async () => {
    const ranges = async (environment: string): Promise<Literal[]> => {
      const blocks = together(await filesOf(environment));
      return ['vpc_range', 'service_range', 'pod_range'].map((name) => defaultOf(blocks, name));
    };
    expect(await ranges(ENVIRONMENTS['everything'] ?? '')).toEqual(['10.7.0.0/20', '10.7.32.0/19', '10.7.128.0/17']);
    const [derived] = await ranges(ENVIRONMENTS['nothing managed'] ?? '');
    expect(derived).toMatch(/^10\.1\d\d\.0\.0\/20$/);
  });

  test('has three ranges of which none reaches into another', async () => {
    const blocks = together(await filesOf(SCALED));
    const ranges = ['vpc_range', 'service_range', 'pod_range'].map((name) => {
      const [base = '', bits = '0'] = (defaultOf(blocks, name) as string).split('/');
      const first = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
      return { first, last: first + 2 ** (32 - Number(bits)) - 1 };
    });
    for (const [index, { first }] of ranges.slice(1).entries()) expect(first).toBeGreaterThan(ranges[index]?.last ?? Infinity);
  });
});

describe('what else is DigitalOcean’s', () => {
  test('the registry is made or used, and the cluster may pull from it', async () => {
    const made = together(await filesOf(`${SCALED}`));
    const used = together(await filesOf(ENVIRONMENTS['everything'] ?? ''));
    expect([made, used].map((blocks) => defaultOf(blocks, 'create_registry'))).toEqual([true, false]);
    expect(textOf(named(used, 'resource', 'digitalocean_container_registry'), 'count')).toBe('var.create_registry ? 1 : 0');
    expect(textOf(named(used, 'resource', 'digitalocean_kubernetes_cluster'), 'registry_integration')).toBe('true');
  });

  test('images that are elsewhere need no registry', async () => {
    const blocks = together(await filesOf(ENVIRONMENTS['nothing managed'] ?? ''));
    expect(blocks.filter(({ labels }) => labels.includes('digitalocean_container_registry') || labels.includes('registry_endpoint'))).toEqual([]);
    expect(named(blocks, 'resource', 'digitalocean_kubernetes_cluster')?.attributes.has('registry_integration')).toBe(false);
  });

  test('a managed database has its own user and lets only the cluster in', async () => {
    const blocks = together(await filesOf(ENVIRONMENTS['everything'] ?? ''));
    const cluster = named(blocks, 'resource', 'digitalocean_database_cluster', 'postgres');
    expect([valueOf(cluster, 'engine'), valueOf(cluster, 'version'), defaultOf(blocks, 'database_size')]).toEqual(['pg', '17', 'db-s-4vcpu-8gb']);
    expect(textOf(cluster, 'private_network_uuid')).toBe('digitalocean_vpc.main.id');
    expect(valueOf(named(blocks, 'resource', 'digitalocean_database_db', 'app'), 'name')).toBe('todoapp');
    expect(valueOf(named(blocks, 'resource', 'digitalocean_database_user', 'app'), 'name')).toBe('todo_user');
    const rule = inside(named(blocks, 'resource', 'digitalocean_database_firewall', 'postgres'), 'rule');
    expect([valueOf(rule, 'type'), textOf(rule, 'value')]).toEqual(['k8s', 'digitalocean_kubernetes_cluster.main.id']);
  });

  test('a pooler holds the connections that were said, and the services’ address is the pooler’s', async () => {
    const blocks = together(await filesOf(ENVIRONMENTS['a pooler'] ?? ''));
    const pool = named(blocks, 'resource', 'digitalocean_database_connection_pool', 'app');
    expect(['mode', 'size', 'db_name', 'user'].map((name) => textOf(pool, name))).toEqual(['"transaction"', 'var.database_pool', 'digitalocean_database_db.app.name', 'digitalocean_database_user.app.name']);
    // The provider takes names of 3 to 63 characters.
    expect(valueOf(pool, 'name')).toMatch(/^\w{3,63}$/);
    expect(defaultOf(blocks, 'database_pool')).toBe(60);
    const resources = (output: string): Set<string | undefined> => new Set(named(blocks, 'output', output)?.attributes.get('value')?.references.map(([type]) => type));
    expect(resources('database_uri')).toEqual(new Set(['digitalocean_database_user', 'digitalocean_database_connection_pool']));
    expect(resources('database_direct_uri')).toEqual(new Set(['digitalocean_database_user', 'digitalocean_database_cluster', 'digitalocean_database_db']));
  });

  test('no pooler was asked for: there is none, and one address', async () => {
    const blocks = together(await filesOf(ENVIRONMENTS['scaled and unprotected'] ?? ''));
    expect(blocks.filter(({ labels }) => labels.some((label) => /pool|direct/.test(label)))).toEqual([]);
  });

  test('every managed database has a firewall', async () => {
    const blocks = together(await filesOf(ENVIRONMENTS['everything'] ?? ''));
    const databases = blocks.filter(({ labels }) => labels[0] === 'digitalocean_database_cluster').map(({ labels }) => `digitalocean_database_cluster.${labels[1]}.id`);
    const guarded = blocks.filter(({ labels }) => labels[0] === 'digitalocean_database_firewall').map((block) => textOf(block, 'cluster_id'));
    expect(guarded).toEqual(databases);
  });

  test('the state is in a bucket of Spaces, a place for each environment, or stays here', async () => {
    const remote = inside(named(together(await filesOf(ENVIRONMENTS['everything'] ?? '')).filter(({ blocks }) => blocks.some(({ type }) => type === 'backend')), 'terraform'), 'backend');
    expect(remote?.labels).toEqual(['s3']);
    expect(['bucket', 'key', 'endpoints'].map((name) => valueOf(remote, name))).toEqual(['todo-state', 'todo/prod/terraform.tfstate', { s3: 'https://ams3.digitaloceanspaces.com' }]);
    const local = together(await filesOf(SCALED)).flatMap(({ blocks }) => blocks).find(({ type }) => type === 'backend');
    expect(local?.labels).toEqual(['local']);
  });

  test('other providers have no Terraform', async () => {
    const platform = await platformIn('prod', definition('    context: mine').replace('provider: digitalocean\n    region: fra1', 'provider: existing'));
    expect(renderedOf(platform).filter(({ system }) => system === 'terraform')).toEqual([]);
  });
});

describe('the checks themselves', () => {
  const check = (text: string): string[] => {
    const { blocks } = readHcl(text);
    return [...blocks.flatMap(unknownNames), ...brokenReferences(blocks)];
  };

  test.each([
    ['resource "digitalocean_vpc" "main" {\n  name = "a"\n  region = "b"\n}', []],
    ['resource "digitalocean_vpc" "main" {\n  name = "a"\n  region = "b"\n  cidr = "c"\n}', ['digitalocean_vpc.cidr is unknown']],
    ['resource "digitalocean_vpc" "main" {\n  name = "a"\n}', ['digitalocean_vpc.region is missing']],
    ['resource "digitalocean_network" "main" {\n}', ['digitalocean_network is unknown']],
    ['resource "digitalocean_vpc" "main" {\n  name = "a"\n  region = var.region\n}', ['var.region is not there']],
    ['resource "digitalocean_vpc" "main" {\n  name = "${local.name}-x"\n  region = "b"\n}', ['local.name is not there']],
    ['output "x" {\n  value = digitalocean_vpc.main.id\n}', ['digitalocean_vpc.main is not there']],
    ['resource "digitalocean_vpc" "main" {\n  name = "a"\n  region = "b"\n}\noutput "x" {\n  value = digitalocean_vpc.main.uuid\n}', ['digitalocean_vpc.main has no uuid']],
    ['output "x" {\n  value = data.digitalocean_database_ca.kafka.certificate\n}', ['data.digitalocean_database_ca.kafka is not there']],
    ['resource "digitalocean_database_firewall" "x" {\n  cluster_id = "a"\n  rule {\n    type = "k8s"\n  }\n}', ['digitalocean_database_firewall.rule.value is missing']],
  ])('%s', (text, mistakes) => {
    expect(check(text)).toEqual(mistakes);
  });

  test.each([
    ['a = 1\nlong = 2\n', ['line 2: = is not below the one above']],
    ['a  = 1\n', ['line 1: = stands in column 3, not 2']],
    ['block {\na = 1\n}\n', ['line 2: not 2 columns in']],
    ['a = 1 \n', ['line 1: blanks at the end']],
    ['a    = 1\nlong = [\n  1,\n]\n', ['line 1: = stands in column 5, not 2']],
    ['a = 1\nlong = [\n  1,\n]\nb = 2\n', []],
    ['a    = 1\nlong = "x = y"\n', []],
  ])('formatting of %j', (text, mistakes) => {
    expect(misformatted(text)).toEqual(mistakes);
  });

  test.each(['a = "', 'a = [1', 'block {', 'a', 'a = 1\na = 2', '= 1'])('%j is not HCL', (text) => {
    expect(() => readHcl(text)).toThrow(/^line \d+: /);
  });
});

const binary = terraformOnPath();
if (!binary) process.stderr.write('skipped: terraform is not on PATH, so only our own rules check the format of its files\n');

test.skipIf(!binary)('terraform itself finds nothing to format', async () => {
  const folder = await temporaryFolder();
  for (const [name, environment] of Object.entries(ENVIRONMENTS)) {
    for (const { path: file, text } of await filesOf(environment)) {
      const target = path.join(folder, name, file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, text);
    }
  }
  expect(execFileSync('terraform', ['fmt', '-check', '-diff', '-recursive', folder], { encoding: 'utf8', env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' } })).toBe('');
});

function terraformOnPath(): boolean {
  try {
    execFileSync('terraform', ['-version'], { stdio: 'ignore', env: { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' } });
    return true;
  } catch {
    return false;
  }
}

test.each([['', 'db-s-2vcpu-4gb'], [', size: gd-2vcpu-8gb', 'gd-2vcpu-8gb'], [', size: gd-2vcpu-8gb }\n    terraform: { kafkaSize: other', 'other']])('the machines of Kafka (kafka: { provider: digitalocean%s }) are %s', async (more, size) => {
  const blocks = together(await filesOf(`    nodes: { size: s-2vcpu-4gb, count: 3 }\n    kafka: { provider: digitalocean${more} }`));
  expect(defaultOf(blocks, 'kafka_size')).toBe(size);
});
