import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import Handlebars from 'handlebars';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { renderDapr } from '../../../cli/render/artefacts.ts';
import { Metadata } from '../../../cli/sidecar/resources/component.ts';
import { topicScope } from '../../../cli/sidecar/pubsub/topic-scope.ts';
import { daprArtefacts } from '../../../cli/systems/dapr.ts';
import { load, minimal } from '../../support/definition.ts';
import { definitions, type Drawn } from '../../support/definitions.ts';
import { platformOf } from '../../support/drawn-platform.ts';
import { platformIn } from '../../support/rendered.ts';

const folder = path.resolve(import.meta.dirname, '../../../templates/dapr');

interface DaprObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  scopes?: string[];
  spec: {
    type?: string;
    topic?: string;
    pubsubname?: string;
    deadLetterTopic?: string;
    routes?: { default: string };
    bulkSubscribe?: object;
    metadata?: { name: string; value?: string; secretKeyRef?: object }[];
    policies?: { retries: { deliver: { maxRetries: number } } };
    targets?: { components: Record<string, object> };
  };
}

const WHOLE = `platform: todo
topics: { task-events: { key: task }, task-updates: { key: user } }
services:
  task-api: { route: /api, publishes: [task-events, task-updates], state: true }
  audit: { subscribes: { task-events: { bulk: 100, attempts: 5 } } }
  realtime: { listens: [task-updates], invokes: [task-api] }
  web: { route: / }
environments: { local: { provider: local } }
`;

function objects(platform: Platform): DaprObject[] {
  return renderDapr(platform).map(({ text }) => parse(text) as DaprObject);
}

const ofKind = (all: readonly DaprObject[], kind: string): DaprObject[] => all.filter((object) => object.kind === kind);

test('the files of a platform, whole', async () => {
  const files = renderDapr(await load(WHOLE));
  expect(files.map(({ path: file, text }) => `=== ${file}\n${text}`).join('\n')).toMatchInlineSnapshot(`
    "=== configuration.yaml
    # Made by todoctl from todoctl.yaml (environment local) and templates/dapr/configuration.yaml.hbs; rendering writes it anew.
    apiVersion: dapr.io/v1alpha1
    kind: Configuration
    metadata:
      name: todo
      labels:
        app.kubernetes.io/part-of: todo
        todoctl.io/platform: todo
        todoctl.io/environment: local
        todoctl.io/system: dapr
    spec:
      # Every event carries its trace; without sampling daprd overwrites traceparent with zeros.
      tracing:
        samplingRate: "1"
      metrics:
        enabled: true
        # One series per path with an id in it would grow without end.
        http:
          increasedCardinality: false
      # Who lives where stands in a file beside this one; daprd would ask by multicast, and traffic stays on this machine.
      nameResolution:
        component: sqlite
        version: v1
        configuration:
          connectionString: names.db
      # Files change with a deploy only, which restarts what they concern.
      features:
        - name: HotReload
          enabled: false
      # Secrets are for components; no service asks for them by the API.
      secrets:
        scopes:
          - storeName: secrets
            defaultAccess: deny

    === component-secrets.yaml
    # Made by todoctl from todoctl.yaml (environment local) and templates/dapr/component-secrets.yaml.hbs; rendering writes it anew.
    apiVersion: dapr.io/v1alpha1
    kind: Component
    metadata:
      name: secrets
      labels:
        app.kubernetes.io/part-of: todo
        todoctl.io/platform: todo
        todoctl.io/environment: local
        todoctl.io/system: dapr
    spec:
      type: secretstores.local.file
      version: v1
      metadata:
        - name: secretsFile
          value: secrets.json
        - name: multiValued
          value: "true"

    === component-pubsub.yaml
    # Made by todoctl from todoctl.yaml (environment local) and templates/dapr/component-pubsub.yaml.hbs; rendering writes it anew.
    apiVersion: dapr.io/v1alpha1
    kind: Component
    metadata:
      name: pubsub
      labels:
        app.kubernetes.io/part-of: todo
        todoctl.io/platform: todo
        todoctl.io/environment: local
        todoctl.io/system: dapr
    spec:
      type: pubsub.kafka
      version: v1
      # In a cluster that is only just there the brokers' names are known late; Dapr's own five seconds would end the sidecar.
      initTimeout: 30s
      metadata:
        - name: brokers
          secretKeyRef:
            name: kafka
            key: brokers
        - name: authType
          value: none
        - name: clientID
          value: "{appID}"
        - name: consumerGroup
          value: "{appID}"
        - name: initialOffset
          value: oldest
        # Each event as it comes: for more bytes than that Sarama would wait up to half a second.
        - name: consumerFetchMin
          value: "1"
        - name: producerRequiredAcks
          value: all
        - name: version
          value: "4.0.0"
        # Nobody may use a topic that its scopes do not name.
        - name: protectedTopics
          value: "task-events,task-events.dlq,task-updates,task-updates.dlq"
        - name: publishingScopes
          value: "task-api=task-events,task-updates;audit=task-events.dlq;realtime=task-updates.dlq"
        - name: subscriptionScopes
          value: "audit=task-events"
    auth:
      secretStore: secrets
    scopes:
      - task-api
      - audit
      - realtime

    === component-pubsub-realtime.yaml
    # Made by todoctl from todoctl.yaml (environment local) and templates/dapr/component-pubsub.yaml.hbs; rendering writes it anew.
    apiVersion: dapr.io/v1alpha1
    kind: Component
    metadata:
      name: pubsub-realtime
      labels:
        app.kubernetes.io/part-of: todo
        todoctl.io/platform: todo
        todoctl.io/environment: local
        todoctl.io/system: dapr
    spec:
      type: pubsub.kafka
      version: v1
      # In a cluster that is only just there the brokers' names are known late; Dapr's own five seconds would end the sidecar.
      initTimeout: 30s
      metadata:
        - name: brokers
          secretKeyRef:
            name: kafka
            key: brokers
        - name: authType
          value: none
        - name: clientID
          value: "{appID}"
        - name: consumerGroup
          value: "realtime-{podName}"
        - name: initialOffset
          value: newest
        # Each event as it comes: for more bytes than that Sarama would wait up to half a second.
        - name: consumerFetchMin
          value: "1"
        - name: producerRequiredAcks
          value: all
        - name: version
          value: "4.0.0"
        # Nobody may use a topic that its scopes do not name.
        - name: protectedTopics
          value: "task-events,task-events.dlq,task-updates,task-updates.dlq"
        - name: publishingScopes
          value: "realtime=task-updates.dlq"
        - name: subscriptionScopes
          value: "realtime=task-updates"
    auth:
      secretStore: secrets
    scopes:
      - realtime

    === component-state.yaml
    # Made by todoctl from todoctl.yaml (environment local) and templates/dapr/component-state.yaml.hbs; rendering writes it anew.
    apiVersion: dapr.io/v1alpha1
    kind: Component
    metadata:
      name: state
      labels:
        app.kubernetes.io/part-of: todo
        todoctl.io/platform: todo
        todoctl.io/environment: local
        todoctl.io/system: dapr
    spec:
      type: state.postgresql
      version: v2
      metadata:
        - name: connectionString
          secretKeyRef:
            name: postgres
            key: uri
        - name: tablePrefix
          value: dapr_
        - name: maxConns
          value: "2"
    auth:
      secretStore: secrets
    scopes:
      - task-api

    === resiliency-todo.yaml
    # Made by todoctl from todoctl.yaml (environment local) and templates/dapr/resiliency.yaml.hbs; rendering writes it anew.
    apiVersion: dapr.io/v1alpha1
    kind: Resiliency
    metadata:
      name: todo
      labels:
        app.kubernetes.io/part-of: todo
        todoctl.io/platform: todo
        todoctl.io/environment: local
        todoctl.io/system: dapr
    spec:
      policies:
        retries:
          deliver:
            policy: exponential
            duration: 500ms
            maxInterval: 10s
            maxRetries: 29
      targets:
        components:
          pubsub-realtime:
            inbound:
              retry: deliver
    scopes:
      - realtime

    === resiliency-todo-audit.yaml
    # Made by todoctl from todoctl.yaml (environment local) and templates/dapr/resiliency.yaml.hbs; rendering writes it anew.
    apiVersion: dapr.io/v1alpha1
    kind: Resiliency
    metadata:
      name: todo-audit
      labels:
        app.kubernetes.io/part-of: todo
        todoctl.io/platform: todo
        todoctl.io/environment: local
        todoctl.io/system: dapr
    spec:
      policies:
        retries:
          deliver:
            policy: exponential
            duration: 500ms
            maxInterval: 10s
            maxRetries: 4
      targets:
        components:
          pubsub:
            inbound:
              retry: deliver
    scopes:
      - audit

    === subscription-audit-task-events.yaml
    # Made by todoctl from todoctl.yaml (environment local) and templates/dapr/subscription.yaml.hbs; rendering writes it anew.
    apiVersion: dapr.io/v2alpha1
    kind: Subscription
    metadata:
      name: audit-task-events
      labels:
        app.kubernetes.io/part-of: todo
        todoctl.io/platform: todo
        todoctl.io/environment: local
        todoctl.io/system: dapr
    spec:
      pubsubname: pubsub
      topic: task-events
      routes:
        default: /events/task-events
      deadLetterTopic: task-events.dlq
      bulkSubscribe:
        enabled: true
        maxMessagesCount: 100
        maxAwaitDurationMs: 100
    scopes:
      - audit

    === subscription-realtime-task-updates.yaml
    # Made by todoctl from todoctl.yaml (environment local) and templates/dapr/subscription.yaml.hbs; rendering writes it anew.
    apiVersion: dapr.io/v2alpha1
    kind: Subscription
    metadata:
      name: realtime-task-updates
      labels:
        app.kubernetes.io/part-of: todo
        todoctl.io/platform: todo
        todoctl.io/environment: local
        todoctl.io/system: dapr
    spec:
      pubsubname: pubsub-realtime
      topic: task-updates
      routes:
        default: /events/task-updates
      deadLetterTopic: task-updates.dlq
    scopes:
      - realtime
    "
  `);
});

test('a platform without arrows has a configuration and a secret store only', async () => {
  const files = renderDapr(await load(minimal().replace(', publishes: [task-events]', '')));
  expect(files.map((file) => file.path)).toEqual(['configuration.yaml', 'component-secrets.yaml']);
});

test('the same platform gives the same bytes', () => {
  fc.assert(
    fc.property(definitions, (drawn) => {
      expect(renderDapr(platformOf(structuredClone(drawn)))).toEqual(renderDapr(platformOf(drawn)));
    }),
    { numRuns: 20 },
  );
});

test('every file says from what it was made, and no two share a name', async () => {
  const files = renderDapr(await load(WHOLE));
  for (const { text } of files) expect(text).toMatch(/^# Made by todoctl from todoctl\.yaml \(environment local\) and templates\/dapr\/[a-z-]+\.yaml\.hbs; rendering writes it anew\.\n/);
  expect(new Set(files.map((file) => file.path)).size).toBe(files.length);
});

describe('for any definition that is right', () => {
  const forAll = (check: (all: DaprObject[], drawn: Drawn) => void): void => {
    fc.assert(fc.property(definitions, (drawn) => check(objects(platformOf(drawn)), drawn)), { numRuns: 20 });
  };

  test('every arrow from a topic is exactly one Subscription, scoped to its service', () => {
    forAll((all, { services }) => {
      const wanted = Object.entries(services).flatMap(([name, { subscribes, listens }]) => [
        ...Object.keys(subscribes).map((topic) => [`${name}-${topic}`, 'pubsub', topic, `/events/${topic}`, `${topic}.dlq`, [name]]),
        ...listens.map((topic) => [`${name}-${topic}`, `pubsub-${name}`, topic, `/events/${topic}`, `${topic}.dlq`, [name]]),
      ]);
      const found = ofKind(all, 'Subscription').map(({ metadata, spec, scopes }) => [metadata.name, spec.pubsubname, spec.topic, spec.routes?.default, spec.deadLetterTopic, scopes]);
      expect(found.sort()).toEqual(wanted.sort());
    });
  });

  test('a component is seen by those services only that use it', () => {
    forAll((all, { services }) => {
      const scopes = Object.fromEntries(ofKind(all, 'Component').map((component) => [component.metadata.name, component.scopes]));
      const using = (uses: (name: string) => boolean): string[] | undefined => {
        const names = Object.keys(services).filter(uses);
        return names.length > 0 ? names : undefined;
      };
      expect(scopes['state']).toEqual(using((name) => services[name]?.state === true));
      expect(scopes['pubsub']).toEqual(using((name) => [services[name]?.publishes, services[name]?.listens, Object.keys(services[name]?.subscribes ?? {})].some((arrows) => (arrows ?? []).length > 0)));
      for (const [name, { listens }] of Object.entries(services)) expect(scopes[`pubsub-${name}`]).toEqual(listens.length > 0 ? [name] : undefined);
    });
  });

  test('an app may publish to and subscribe to exactly the topics of its arrows, as daprd decides', () => {
    fc.assert(
      fc.property(definitions, (drawn) => {
        const platform = platformOf(drawn);
        for (const component of ofKind(objects(platform), 'Component').filter(({ spec }) => spec.type === 'pubsub.kafka')) {
          const metadata = new Metadata(new Map((component.spec.metadata ?? []).map(({ name, value = '' }) => [name, value])));
          for (const { name: app, publishes, subscriptions } of platform.services.filter((service) => component.scopes?.includes(service.name))) {
            const scope = topicScope(metadata, app);
            const shared = component.metadata.name === 'pubsub';
            const writes = [...(shared ? publishes : []), ...subscriptions.filter((one) => shared || one.component === component.metadata.name).map(({ deadLetter }) => deadLetter)];
            const reads = subscriptions.filter((one) => one.component === component.metadata.name).map(({ topic }) => topic);
            const all = platform.topics.map(({ name }) => name);
            expect(all.filter((topic) => scope.mayPublish(topic)).sort()).toEqual([...new Set(writes)].sort());
            expect(all.filter((topic) => scope.maySubscribe(topic)).sort()).toEqual([...new Set(reads)].sort());
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  test('each consumer sees exactly one retry policy, which covers its components with its attempts', () => {
    forAll((all, { services }) => {
      for (const [name, { subscribes, listens }] of Object.entries(services)) {
        const policies = ofKind(all, 'Resiliency').filter(({ scopes }) => scopes?.includes(name));
        const consumed = [...Object.values(subscribes).map(({ attempts = 30 }) => attempts), ...listens.map(() => 30)];
        expect(policies).toHaveLength(consumed.length > 0 ? 1 : 0);
        const [policy] = policies;
        if (!policy) continue;
        expect(policy.spec.policies?.retries.deliver.maxRetries).toBe(Math.max(...consumed) - 1);
        const components = Object.keys(policy.spec.targets?.components ?? {});
        if (Object.keys(subscribes).length > 0) expect(components).toContain('pubsub');
        if (listens.length > 0) expect(components).toContain(`pubsub-${name}`);
      }
    });
  });

  test('nothing learnt at run time and no secret is rendered: they are reached by reference', () => {
    forAll((all) => {
      for (const { spec } of ofKind(all, 'Component')) {
        for (const { name, value, secretKeyRef } of spec.metadata ?? []) {
          if (name === 'brokers' || name === 'connectionString') expect([value, secretKeyRef]).toEqual([undefined, expect.any(Object)]);
          else expect(value).toEqual(expect.any(String));
        }
      }
    });
  });
});

describe('every key that a template reads', () => {
  // What the templates ask for, read from their syntax trees; what the platform gives, from the views that fill them.
  const templates = readdirSync(folder).map((file) => `dapr/${file}`);
  const everywhere = ['namespace', 'labels'];
  const asked = new Map(templates.map((name) => [name, pathsIn(readFileSync(path.join(folder, path.basename(name)), 'utf8'))]));

  const leaving = minimal().replace('publishes: [task-events]', 'publishes: [task-events], subscribes: [task-events], state: true');
  const cluster = (more: string): string => `${WHOLE.replace('state: true', "state: true, schedule: '@every 1m'").replace(/environments.*\n/, '')}environments:
  prod: { provider: digitalocean, region: nyc3, nodes: { size: s-2vcpu-4gb, count: 2 }, auth: { jwks: https://id.example.com/keys }${more} }
`;
  const platforms = async (): Promise<Platform[]> => [
    await load(WHOLE),
    await load(leaving),
    await platformIn('prod', cluster('')),
    await platformIn('prod', cluster(', redis: {}, tracing: { protocol: zipkin }')),
  ];

  test('has a value, whatever the definition uses or leaves to the defaults', async () => {
    const artefacts = (await platforms()).flatMap(daprArtefacts);
    expect(new Set(artefacts.map(({ template }) => template))).toEqual(new Set(templates));
    for (const { template, view } of artefacts) {
      for (const key of asked.get(template) ?? []) if (!everywhere.includes(key)) expect(view, `${template} reads ${key}`).toHaveProperty(key);
    }
  });

  test('and every key that is given is read', async () => {
    for (const { template, view } of (await platforms()).flatMap(daprArtefacts)) {
      expect(Object.keys(view).filter((key) => !asked.get(template)?.includes(key)), template).toEqual([]);
    }
  });

  test('the grep sees what templates read', () => {
    expect(pathsIn('{{yaml a.x}}{{#if b}}{{#each c.y}}{{yaml this}}{{yaml name}}{{yaml @key}}{{yaml ../d}}{{/each}}{{/if}}')).toEqual(['a', 'b', 'c', 'd']);
  });
});

test('every template ends its last line', () => {
  for (const file of readdirSync(folder)) expect(readFileSync(path.join(folder, file), 'utf8').endsWith('\n')).toBe(true);
});

/** The keys of its view that a template hands to helpers and blocks; not those of a list's items. */
function pathsIn(source: string): string[] {
  const found: string[] = [];
  let lists = 0;
  class Paths extends Handlebars.Visitor {
    override PathExpression({ parts: [first], depth, data }: hbs.AST.PathExpression): void {
      if (first !== undefined && !data && depth === lists) found.push(first);
    }
    override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
      this.acceptArray(statement.params);
    }
    override BlockStatement(block: hbs.AST.BlockStatement): void {
      this.acceptArray(block.params);
      const items = block.path.original === 'each' ? 1 : 0;
      lists += items;
      this.accept(block.program);
      lists -= items;
    }
  }
  new Paths().accept(Handlebars.parse(source));
  return [...new Set(found)];
}
