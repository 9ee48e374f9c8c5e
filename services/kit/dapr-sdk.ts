import { DaprError } from './dapr-error.ts';

/** The two things @dapr/dapr does for us, with its failures thrown. */
export interface Sdk {
  publish(pubsub: string, topic: string, event: object, key: string): Promise<void>;
  invoke(appId: string, path: string, method: string, body: unknown, headers: Record<string, string>): Promise<unknown>;
  close(): Promise<void>;
}

export interface SdkOptions {
  readonly host: string;
  readonly port: number;
  readonly apiToken: string | undefined;
  readonly timeoutMs: number;
}

/** Loads @dapr/dapr. Called on first use, never at start-up. */
export async function loadSdk({ host, port, apiToken, timeoutMs }: SdkOptions): Promise<Sdk> {
  const module = await import('@dapr/dapr');
  // CommonJS: Node finds its names, a bundle has them all under `default`.
  const dapr = 'DaprClient' in module ? module : (module as { default: typeof module }).default;
  const client = new dapr.DaprClient({
    daprHost: host,
    daprPort: String(port),
    communicationProtocol: dapr.CommunicationProtocolEnum.HTTP,
    // It would write to the console, and at debug level the token too.
    logger: { level: dapr.LogLevel.Error, service: SILENT },
    ...(apiToken === undefined ? {} : { daprApiToken: apiToken }),
  });
  const limited = <T>(operation: string, work: Promise<T>): Promise<T> => within(timeoutMs, operation, work);
  return {
    async publish(pubsub, topic, event, key) {
      const options = { contentType: 'application/cloudevents+json', metadata: { partitionKey: key } };
      const { error } = await limited('publish', client.pubsub.publish(pubsub, topic, event, options));
      if (error) throw toDaprError('publish', error);
    },
    async invoke(appId, path, method, body, headers) {
      try {
        const verb = method.toLowerCase() as (typeof dapr.HttpMethod)[keyof typeof dapr.HttpMethod];
        const answer: unknown = await limited('invoke', client.invoker.invoke(appId, path, verb, body as object | undefined, { headers }));
        return answer === '' ? undefined : answer;
      } catch (error) {
        throw toDaprError('invoke', error);
      }
    },
    close: () => client.stop(),
  };
}

const SILENT = { error: () => undefined, warn: () => undefined, info: () => undefined, verbose: () => undefined, debug: () => undefined };

// The SDK puts what was answered into the error's message, as JSON {error: status text, error_msg: body, status}.
function toDaprError(operation: string, error: unknown): DaprError {
  if (error instanceof DaprError) return error;
  const told = parse((error as Error).message);
  if (typeof told !== 'object' || told === null || !('status' in told)) return new DaprError(operation, 0, undefined, error);
  const { status, error_msg: message } = told as { status: unknown; error_msg?: unknown };
  return new DaprError(operation, Number(status), typeof message === 'string' ? parse(message) : message);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

async function within<T>(ms: number, operation: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DaprError(operation, 0, undefined, new Error(`no answer within ${ms} ms`))), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
