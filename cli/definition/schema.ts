import * as z from 'zod';
import { withoutPassword } from './address.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { DURATION } from './duration.ts';
import { SIZE } from './size.ts';

/** What the schema answers a wrong value with: a code of the catalogue, which problems.ts turns into words. */
const refusedBy = (code: ErrorCode): { error: string } => ({ error: code });

/** Lengths that a name may have where it ends up: a Kubernetes label holds 63, Kafka's 249 leave room for `.dlq`. */
const name = z.string().regex(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/, refusedBy('TODOCTL_DEFINITION_BAD_NAME'));
const topicName = z.string().regex(/^(?!.*\.dlq$)[a-z](?:[a-z0-9.-]{0,198}[a-z0-9])?$/, refusedBy('TODOCTL_DEFINITION_BAD_NAME'));
/** A length of time, a size and a secret, for systems' own blocks too. */
export const duration = z.string().regex(DURATION, refusedBy('TODOCTL_DEFINITION_BAD_DURATION'));
export const size = z.string().regex(SIZE, refusedBy('TODOCTL_DEFINITION_BAD_SIZE'));
const text = z.string().min(1).max(1000);
const count = z.int().min(1);
const port = z.int().min(1).max(65_535);
const percent = z.int().min(1).max(100);

export const secret = z
  .union([z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }), z.strictObject({ file: text })], refusedBy('TODOCTL_SECRET_LITERAL'))
  .describe('A secret by reference, never itself: {env: NAME} or {file: PATH}.');

const key = z.enum(['task', 'user']).describe('What the record key is: a task id or a user id.');
const partitions = count.max(1000).describe('How many partitions; events of one key stay in order.');
const retention = duration.describe('How long events are kept, like 7d or 1h30m.');
const retentionSize = size.describe('Bytes per partition that are kept, like 1GiB; unlimited when left out.');

const topic = z.strictObject({
  key,
  partitions: partitions.default(3),
  retention: retention.default('7d'),
  retentionSize: retentionSize.exactOptional(),
});

const subscription = z.strictObject({
  attempts: count.max(1000).default(30).describe('Deliveries before an event goes to the dead-letter topic; the highest of a service counts for all its topics.'),
  bulk: count.max(10_000).exactOptional().describe('Events per delivery.'),
});
const subscribes = z
  .union([z.array(topicName), z.record(topicName, subscription)])
  .describe('Topics of which one replica gets each event; as a map to say how: task-events: {bulk: 100, attempts: 5}.');

const scaledBy = {
  cpu: percent.exactOptional().describe('Percent of the CPU request.'),
  memory: percent.exactOptional().describe('Percent of the memory request.'),
  lag: count.exactOptional().describe('Events behind, per replica.'),
};
const scale = z.strictObject({ min: count, max: count, ...scaledBy });
const scaleHere = z.strictObject({ min: count.exactOptional(), max: count.exactOptional(), ...scaledBy });
const resources = z.strictObject({
  cpu: count.exactOptional().describe('Thousandths of a CPU that it asks for; 100 when left out.'),
  memory: size.exactOptional().describe('Memory that it asks for; 192MiB when left out.'),
  cpuLimit: count.exactOptional().describe('Most thousandths of a CPU that it gets; ten times what it asks for when left out.'),
  memoryLimit: size.exactOptional().describe('Most memory that it gets; twice what it asks for when left out.'),
});
const replicas = count.max(100).describe('Replicas; 1 locally and scale.min in a cluster when left out.');
/** What Dapr's cron binding understands: five or six fields, or `@every 1m`, `@daily`, … */
const SCHEDULE = /^(?:@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)|@every (?:\d+(?:\.\d+)?(?:ms|s|m|h))+|[\w*/,?-]+(?: [\w*/,?-]+){4,5})$/;
const route = z.string().regex(/^\/(?:[a-z0-9-]+(?:\/[a-z0-9-]+)*)?$/, refusedBy('TODOCTL_DEFINITION_BAD_ROUTE'));

const service = z.strictObject({
  route: route.exactOptional().describe('Public path prefix at the entrance.'),
  publishes: z.array(topicName).default([]).describe('Topics it writes to.'),
  subscribes: subscribes.default([]),
  listens: z.array(topicName).default([]).describe('Topics of which every replica gets each event.'),
  invokes: z.array(name).default([]).describe('Services it calls through Dapr.'),
  database: z.boolean().default(false).describe('Has a schema of its own in PostgreSQL.'),
  state: z.boolean().default(false).describe('Uses the Dapr state store.'),
  schedule: z
    .string()
    .regex(SCHEDULE)
    .exactOptional()
    .describe('When Dapr calls POST /schedule on each of its replicas: five or six cron fields, or @every 1m. The embedded sidecar has no clock and never calls.'),
  replicas: replicas.exactOptional(),
  scale: scale.exactOptional().describe('How a cluster may change the replicas; from 2 to 4 in a protected environment when left out.'),
  resources: resources.exactOptional().describe('What one replica asks of a node of a cluster, its sidecar apart.'),
});

/** A path, `oci://…` or `https://repository#chart`; of addresses nothing else is one. */
const chartSource = z
  .string()
  .regex(/^(?:oci:\/\/[^\s#]+|https?:\/\/[^\s#]+#[\w.-]+|(?!-)(?!.*:\/\/)[^\s].*)$/)
  .refine(...withoutPassword)
  .describe('A folder or packed chart, oci://mirror/chart, or https://mirror#chart.');
const image = z.string().regex(/^[A-Za-z0-9][\w.:/@-]*$/).describe('An image like postgres:18.4.');

const signedBy = {
  issuer: text.exactOptional().describe('What the token must name as its issuer; the origin of jwks, or with a key the name of the platform, when left out.'),
  audience: text.exactOptional().describe('What the token must name as its audience; the name of the platform when left out.'),
};
const auth = z.union([
  z.strictObject({ jwks: z.url({ protocol: /^https?$/ }).refine(...withoutPassword).describe('Where the public keys are.'), ...signedBy }),
  z.strictObject({ key: secret.describe('A static key, by reference.'), ...signedBy }),
]);

/** What every environment may say; systems add their own blocks. */
const environmentKeys = {
  provider: z.enum(['local', 'digitalocean', 'azure', 'google', 'oracle', 'existing']),
  protected: z.boolean().default(false).describe('Whoever changes or removes it must type its name.'),
  auth: auth.exactOptional().describe('Who signs the tokens of public requests.'),
  host: text.exactOptional().describe('Public host name of the entrance.'),
  region: text.exactOptional(),
  project: text.exactOptional().describe('Project of DigitalOcean in which cluster, network and databases are shown; made where there is none.'),
  nodes: z.strictObject({ size: text.exactOptional(), count: count.exactOptional(), min: count.exactOptional(), max: count.exactOptional() }).exactOptional(),
  controlPlane: z
    .strictObject({
      version: z.string().regex(/^(?:latest|1\.\d{2}(?:\.\d+(?:-do\.\d+)?)?)$/).exactOptional().describe('Version of Kubernetes: latest, 1.36 or a full one of DigitalOcean’s; 1.36 when left out.'),
      ha: z.boolean().exactOptional().describe('Several machines for the API server; costs, and cannot be taken back.'),
      network: z.int().min(0).max(255).exactOptional().describe('N in 10.N.0.0/16, the addresses of nodes, pods and services; a free one when left out.'),
    })
    .exactOptional()
    .describe('The managed cluster’s own part.'),
  kafka: z
    .strictObject({
      bootstrap: z.string().regex(/^[\w.-]+:\d{1,5}(?:,[\w.-]+:\d{1,5})*$/, refusedBy('TODOCTL_DEFINITION_BAD_ADDRESS')).exactOptional().describe('An existing Kafka: host:port, comma-separated.'),
      provider: z.enum(['strimzi', 'digitalocean', 'external']).exactOptional().describe('Who runs Kafka for a cluster; strimzi when left out, external when there is a bootstrap.'),
      brokers: z.union([z.literal(1), z.int().min(3, { error: 'takes 1, or 3 and more' }).max(99)]).default(1).describe('How many brokers: 1, or 3 and more.'),
      storage: size.default('10GiB').describe('Disk of one broker.'),
      size: text.exactOptional().describe('Machine of each node of a managed Kafka, like db-s-2vcpu-4gb; the smallest, db-s-2vcpu-2gb, when left out.'),
      storageClass: text.exactOptional().describe('Class of the volumes of a Kafka in the cluster; DigitalOcean’s block storage there, elsewhere the cluster’s default when left out.'),
      mechanism: z.enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512']).exactOptional().describe('How clients of an external Kafka sign in; user and password are in the Secret kafka.'),
      tls: z.boolean().exactOptional().describe('Whether an external Kafka speaks TLS; yes when clients sign in.'),
      ca: z.boolean().exactOptional().describe('Whether the Secret kafka holds the certificate of who signed its certificates (ca.crt); it must where TLS is all there is.'),
    })
    .exactOptional(),
  dapr: z.strictObject({ binary: text.exactOptional().describe('A real daprd instead of the embedded sidecar.') }).exactOptional(),
  postgres: z
    .strictObject({
      url: secret.exactOptional().describe('An existing PostgreSQL, by reference.'),
      provider: z.enum(['digitalocean', 'cluster', 'external']).exactOptional().describe('Who runs PostgreSQL for a cluster; cluster when left out, external when there is a url.'),
      size: text.exactOptional().describe('Machine of a managed database, like db-s-2vcpu-4gb.'),
      storage: size.exactOptional().describe('Disk of a database in the cluster; 10GiB when left out.'),
      port: port.exactOptional().describe('Port of an external PostgreSQL, or of its pooler; 5432 when left out.'),
      connections: count.exactOptional().describe('Most connections of the database; known for DigitalOcean’s sizes, 100 in the cluster.'),
      pool: count.max(100).exactOptional().describe('Most connections of one replica; 10 when left out.'),
      pooled: z
        .int()
        .min(2)
        .max(1000)
        .exactOptional()
        .describe('Services share so many connections by a transaction pooler (PgBouncer): DigitalOcean’s, or the one that an external address is of. A cluster’s own database has none.'),
    })
    .exactOptional(),
  context: text.exactOptional().describe('Provider existing: the context of your kubeconfig that names the cluster.'),
  cluster: text.exactOptional().describe('Provider existing: UID of its namespace kube-system, so that no other cluster is taken for it.'),
  registry: z
    .strictObject({
      server: text.describe('Like ghcr.io.'),
      repository: text.describe('Like example/todo; at DigitalOcean’s own server its first part is the name of the registry.'),
      credentials: secret.exactOptional().describe('user:password, or the JSON of a Docker configuration; nobody is asked when left out, but at DigitalOcean’s own server.'),
      tier: z.enum(['starter', 'basic', 'professional']).exactOptional().describe('Plan of a registry that DigitalOcean makes; basic when left out. One repository, which starter holds, is enough.'),
    })
    .exactOptional()
    .describe('Where images are; DigitalOcean’s registry of the platform when left out.'),
  sources: z
    .strictObject({
      charts: z.record(name, chartSource).default({}).describe('Where the chart of a Helm release comes from instead.'),
      images: z.record(image, image).default({}).describe('By the image that would be pulled the one that is; those that charts name by themselves are set in their values or charts.'),
    })
    .exactOptional()
    .describe('Mirrors of charts and images, for clusters and machines without the internet.'),
  ports: z
    .strictObject({ entrance: port.exactOptional(), kafka: port.exactOptional(), postgres: port.exactOptional() })
    .default({})
    .describe('Fixed ports on this machine; what is not named gets a free one.'),
  topics: z
    .record(topicName, z.strictObject({ partitions: partitions.exactOptional(), retention: retention.exactOptional(), retentionSize: retentionSize.exactOptional() }))
    .default({})
    .describe('What is different about topics here.'),
  services: z
    .record(name, z.strictObject({ replicas: replicas.exactOptional(), scale: scaleHere.exactOptional(), resources: resources.exactOptional() }))
    .default({})
    .describe('What is different about services here.'),
};

/** Blocks that systems add to an environment, by their id. */
export type SystemSchemas = Readonly<Record<string, z.ZodType>>;

/** todoctl.yaml with the blocks of these systems. */
export function definitionWith(systems: SystemSchemas): z.ZodType<Definition, unknown> {
  return definitionOf(z.strictObject({ ...environmentKeys, ...systems }));
}

const plainEnvironment = z.strictObject(environmentKeys);

/** todoctl.yaml as it is written (input) and with its defaults (output). References between its parts are checked in references.ts. */
export const definitionSchema = definitionOf(plainEnvironment);

function definitionOf(environment: typeof plainEnvironment) {
  return z.strictObject({
    platform: name.describe('Name of the platform.'),
    topics: z.record(topicName, topic),
    services: z.record(name, service),
    environments: z.record(name, environment),
  });
}

export type Definition = z.output<typeof definitionSchema>;
export type DefinedTopic = Definition['topics'][string];
export type DefinedService = Definition['services'][string];
export type DefinedEnvironment = Definition['environments'][string];
