import { startEmbedded } from '../kafka/embedded.ts';
import { Client } from '../kafka/client.ts';
import type { Kafka } from '../kafka/suite.ts';
import { startTestPostgres, type TestPostgres } from '../../support/postgres.ts';
import { render } from './resources.ts';
import type { AppSpec, Sidecars, StartSidecars } from './sidecars.ts';
import { TestApp } from './test-app.ts';

/** Where a suite's sidecars run: a Kafka, a PostgreSQL, and a way to start sidecars. */
export interface World {
  kafka: Kafka;
  client: Client;
  postgres: TestPostgres;
  /** Renders the documents and starts the apps' sidecars; `end` ends them. */
  start(apps: readonly AppSpec[], documents: readonly object[]): Promise<RunningSidecars>;
  app(): Promise<TestApp>;
  /** Ends what a group of cases has started. */
  end(): Promise<void>;
  close(): Promise<void>;
}

export interface RunningSidecars extends Sidecars {
  /** Base URL of the first app's sidecar. */
  url: string;
  /** Stops them and starts them anew on the same files. */
  restart(): Promise<RunningSidecars>;
}

export async function openWorld(startSidecars: StartSidecars, startKafka: () => Promise<Kafka> = startEmbedded): Promise<World> {
  const [kafka, postgres] = await Promise.all([startKafka(), startTestPostgres()]);
  const client = await Client.dial(kafka.bootstrap);
  const database = await postgres.createDatabase('todoapp');
  const closers: (() => Promise<void>)[] = [];
  const secrets = {
    kafka: { brokers: kafka.bootstrap },
    postgres: { uri: database },
    mail: { user: 'todo', password: 'quiet', nested: { port: 25 } },
    plain: 'word',
    forbidden: { word: 'hidden' },
  };
  const end = async (): Promise<void> => {
    // In reverse: sidecars before their files and their apps, or deliveries would have nowhere to go.
    for (const close of closers.splice(0).reverse()) await close();
  };
  return {
    kafka,
    client,
    postgres,
    start: async (apps, documents) => {
      const rendered = await render(documents, secrets);
      const launch = async (): Promise<RunningSidecars> => {
        const sidecars = await startSidecars(apps, rendered);
        closers.push(() => sidecars.stop());
        const restart = async (): Promise<RunningSidecars> => {
          await sidecars.stop();
          return await launch();
        };
        return { ...sidecars, url: `http://127.0.0.1:${sidecars.ports[0]}`, restart };
      };
      closers.push(() => rendered.remove());
      return await launch();
    },
    app: async () => {
      const app = await TestApp.listen();
      closers.push(() => app.close());
      return app;
    },
    end,
    close: async () => {
      await end();
      client.close();
      await Promise.all([kafka.stop(), postgres.stop()]);
    },
  };
}

/** POSTs JSON, or what else is given, and returns status, headers and body. */
export async function call(url: string, init: { method?: string; body?: unknown; headers?: Record<string, string> } = {}): Promise<{ status: number; headers: Headers; text: string; json: unknown }> {
  const { method = init.body === undefined ? 'GET' : 'POST', body, headers = {} } = init;
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const answer = await fetch(url, {
    method,
    headers: { ...(body !== undefined && !raw && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await answer.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: answer.status, headers: answer.headers, text, json };
}
