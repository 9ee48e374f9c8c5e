import * as z from 'zod';

const text = z.string().min(1);
const count = z.int().min(1);
const seconds = z.int().min(0).max(3600);
const percent = z.int().min(1).max(100);
/** A DNS label: what objects and pods may be named. */
const label = z.string().regex(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
const quantity = z.string().regex(/^\d+(?:\.\d+)?(?:m|k|M|G|T|Ki|Mi|Gi|Ti)?$/);
const path = z.string().regex(/^\//);
const interval = z.string().regex(/^\d+(?:ms|s|m)$/);

const secretKey = z.strictObject({ name: text.describe('Name of the Secret.'), key: text.describe('Its key.') });
const token = { name: text.describe('Name of the Secret.'), key: z.literal('token').describe('Dapr reads no other key.') };
const amounts = z.strictObject({ cpu: quantity.describe('CPU, like 100m.'), memory: quantity.describe('Memory, like 192Mi.') });
const resources = z.strictObject({ requests: amounts.describe('What a node must have left.'), limits: amounts.describe('What it gets at most.') });

const policy = z.strictObject({
  type: z.enum(['Percent', 'Pods']).describe('What the value counts.'),
  value: count.describe('How many at most.'),
  periodSeconds: count.max(1800).describe('In how many seconds.'),
});
const pace = z.strictObject({
  stabilizationWindowSeconds: seconds.describe('How long a wish must last before it counts.'),
  selectPolicy: z.enum(['Max', 'Min', 'Disabled']).describe('Which of the policies counts.'),
  policies: z.array(policy).min(1).describe('How many pods may change in how many seconds.'),
});

const scale = z
  .strictObject({
    min: count.describe('Fewest replicas.'),
    max: count.describe('Most replicas.'),
    cpu: percent.exactOptional().describe('Percent of the CPU request.'),
    memory: percent.exactOptional().describe('Percent of the memory request.'),
    lag: z
      .strictObject({ group: text.describe('Consumer group.'), topics: z.array(text).min(1).describe('Topics that it reads.'), events: text.regex(/^\d+$/).describe('Events behind, per replica.') })
      .exactOptional()
      .describe('By how far behind it is in Kafka: a ScaledObject of KEDA instead of a HorizontalPodAutoscaler.'),
  })
  .describe('How its replicas may change; nobody else sets their number then.');

const service = z.strictObject({
  tag: text.describe('Tag of its image.'),
  replicas: z.int().min(0).describe('Replicas, where it has no scale.'),
  scale: scale.exactOptional(),
  resources: resources.describe('Of the container app.'),
  database: z.boolean().describe('Gets DATABASE_URL.'),
  authKey: z.boolean().describe('Gets AUTH_KEY.'),
  sidecar: z
    .strictObject({
      configuration: text.describe('Name of its Dapr Configuration.'),
      envFromSecret: text.exactOptional().describe('Variables of the sidecar that are keys of Secrets: NAME=secret:key.'),
    })
    .exactOptional()
    .describe('It has a Dapr sidecar.'),
  secretEnv: z.record(text, secretKey).exactOptional().describe('More variables, each a key of a Secret.'),
  env: z.record(text, z.string()).exactOptional().describe('More variables.'),
});

const gateway = z.strictObject({
  kind: z.enum(['gateway', 'ingress']).describe('Objects of the Gateway API, or an Ingress.'),
  class: text.describe('GatewayClass or IngressClass.'),
  host: text.exactOptional().describe('Public host name; with it comes HTTPS.'),
  issuer: text.exactOptional().describe('ClusterIssuer of the certificate of the host.'),
  annotations: z.record(text, z.string()).exactOptional().describe('Annotations of the load balancer, or of the Ingress.'),
  routes: z
    .array(z.strictObject({ path: path.describe('Prefix of what is asked for.'), service: label.describe('Who answers.'), timeout: interval.describe('Longest time of a request; 0s for no end, as sockets need.') }))
    .min(1)
    .describe('What is public, the longest prefix first.'),
  closed: z.array(path).describe('Paths that only the platform itself may ask.'),
});

const kafka = z.strictObject({
  bootstrapServers: text.exactOptional().describe('host:port,…; read from the variable KAFKA_BROKERS of a service when left out.'),
  tls: z.enum(['enable', 'disable']).describe('Whether the brokers speak TLS.'),
  sasl: z.enum(['none', 'plaintext', 'scram_sha256', 'scram_sha512']).describe('How clients sign in.'),
  authentication: z
    .strictObject({
      username: text.exactOptional().describe('Its name, where that is no secret.'),
      secrets: z
        .strictObject({ username: secretKey.exactOptional(), password: secretKey.exactOptional(), ca: secretKey.exactOptional() })
        .describe('Name, password, and certificate of who signed the brokers’ certificates.'),
    })
    .exactOptional()
    .describe('Who KEDA is.'),
});

/** Values of charts/todo: values.schema.json and the README's table are made from this. */
export const chartValues = z.strictObject({
  global: z.record(z.string(), z.unknown()).exactOptional().describe('Unused; Helm may hand it down.'),
  platform: label.describe('Name of the platform, and prefix of what is shared by its services.'),
  environment: label.describe('Name of the environment.'),
  image: z.strictObject({
    repository: text.describe('One image serves all services; each has a tag of its own.'),
    pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).describe('When a node asks the registry.'),
    pullSecrets: z.array(text).describe('Secrets that the registry asks for.'),
  }),
  settings: z.record(text, z.string()).describe('Variables of every service, in a ConfigMap: nothing secret.'),
  secrets: z.strictObject({
    database: secretKey.describe('Connection string of the database.'),
    authKey: secretKey.describe('Static key that tokens of users are checked with.'),
    daprApiToken: z.strictObject(token).describe('What a service says to its sidecar.'),
    appApiToken: z.strictObject(token).describe('What a sidecar says to its service.'),
  }),
  shutdown: z.strictObject({
    drainSeconds: count.describe('From the wish to stop a pod until its service hears of it.'),
    sidecarSeconds: count.describe('What the sidecar has to finish, once its service has ended.'),
    graceSeconds: count.describe('After this a pod is killed: more than all of it together.'),
  }),
  sidecar: z.strictObject({ logLevel: z.enum(['debug', 'info', 'warn', 'error']).describe('How much it says.'), resources }).describe('Of every Dapr sidecar.'),
  scaling: z.strictObject({ scaleUp: pace, scaleDown: pace }).describe('How fast autoscalers change the number of replicas.'),
  services: z.record(label, service).describe('The services by their names.'),
  gateway: gateway.exactOptional().describe('The public entrance.'),
  kafka: kafka.exactOptional().describe('How KEDA reaches Kafka; needed where a service scales by lag.'),
  monitoring: z
    .strictObject({ interval: interval.describe('How often measures are taken.'), timeout: interval.describe('How long that may take.') })
    .exactOptional()
    .describe('ServiceMonitor and PodMonitor, for a cluster that has Prometheus’ operator.'),
  smoke: z.array(z.strictObject({ service: label.describe('Who is asked.'), path: path.describe('What it is asked for; 200 is right.') })).describe('What helm test asks.'),
  objects: z.array(z.looseObject({ apiVersion: text.describe('As in any object.'), kind: text.describe('As in any object.') })).describe('Objects that are made elsewhere and belong to the release, as they are.'),
});

export type ChartValues = z.output<typeof chartValues>;
export type ServiceValues = ChartValues['services'][string];
