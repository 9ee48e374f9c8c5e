import { isRecord, scalar, type ResourceDocument } from './document.ts';
import { ResourceError } from './resource-error.ts';

/** A declared Subscription: where the deliveries of a topic go. */
export interface Subscription {
  name: string;
  pubsub: string;
  topic: string;
  /** The app's path, from `routes.default`. */
  path: string;
  deadLetterTopic: string | undefined;
  /** Wrap what is not a CloudEvent. */
  rawPayload: boolean;
  bulk: { maxMessages: number; maxAwaitMs: number } | undefined;
}

// What pubsub.kafka takes when bulkSubscribe leaves them out (pubsub/kafka/kafka.go).
const DEFAULT_BULK_MESSAGES = 80;
const DEFAULT_BULK_AWAIT_MS = 10_000;

function bulk(spec: Record<string, unknown>): Subscription['bulk'] {
  const block = spec['bulkSubscribe'];
  if (!isRecord(block) || block['enabled'] !== true) return undefined;
  return {
    maxMessages: Number(block['maxMessagesCount'] ?? 0) || DEFAULT_BULK_MESSAGES,
    maxAwaitMs: Number(block['maxAwaitDurationMs'] ?? 0) || DEFAULT_BULK_AWAIT_MS,
  };
}

/** Reads a Subscription of v2alpha1. Routing rules (CEL) are refused: every declared route here is a default one. */
export function readSubscription(document: ResourceDocument): Subscription {
  const { file, name, body } = document;
  const refuse = (problem: string): never => {
    throw new ResourceError(file, `Subscription ${name}: ${problem}`);
  };
  if (document.apiVersion !== 'dapr.io/v2alpha1') refuse(`apiVersion must be dapr.io/v2alpha1, not ${document.apiVersion}`);
  const spec = body['spec'];
  if (!isRecord(spec)) return refuse('has no spec');
  const routes = isRecord(spec['routes']) ? spec['routes'] : {};
  if (Array.isArray(routes['rules']) && routes['rules'].length > 0) refuse('routes.rules are not supported by the local sidecar; use routes.default');
  const metadata = isRecord(spec['metadata']) ? spec['metadata'] : {};
  return {
    name,
    pubsub: scalar(spec['pubsubname']) ?? refuse('has no pubsubname'),
    topic: scalar(spec['topic']) ?? refuse('has no topic'),
    path: scalar(routes['default']) ?? refuse('has no routes.default'),
    deadLetterTopic: scalar(spec['deadLetterTopic']) || undefined,
    rawPayload: scalar(metadata['rawPayload']) === 'true',
    bulk: bulk(spec),
  };
}
