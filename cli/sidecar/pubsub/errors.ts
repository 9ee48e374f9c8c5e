import { DaprError, errorInfo, resourceInfo } from '../http/dapr-error.ts';

// The pub/sub errors of daprd (pkg/api/errors/pubsub.go), word for word: clients match on them.
type Fields = Record<string, string>;

function pubsubError(status: number, code: string, reason: string, message: string, pubsub: string, fields: Fields): DaprError {
  return new DaprError(status, code, message, [resourceInfo('pubsub', pubsub, message), errorInfo(reason, fields)]);
}

export function pubsubNotFound(pubsub: string, fields: Fields): DaprError {
  return new DaprError(404, 'ERR_PUBSUB_NOT_FOUND', `pubsub ${pubsub} is not found`, [errorInfo('DAPR_PUBSUB_NOT_FOUND', fields)]);
}

export function topicEmpty(pubsub: string, fields: Fields): DaprError {
  return pubsubError(404, 'ERR_TOPIC_NAME_EMPTY', 'DAPR_PUBSUB_TOPIC_NAME_EMPTY', `topic is empty in pubsub ${pubsub}`, pubsub, fields);
}

export function badMetadata(pubsub: string, fields: Fields, problem: string): DaprError {
  const message = `failed deserializing metadata. Error: ${problem}`;
  return pubsubError(400, 'ERR_PUBSUB_REQUEST_METADATA', 'DAPR_PUBSUB_METADATA_DESERIALIZATION', message, pubsub, fields);
}

export function cannotCreateEvent(pubsub: string, appID: string, error: string): DaprError {
  return pubsubError(500, 'ERR_PUBSUB_CLOUD_EVENTS_SER', 'DAPR_PUBSUB_CLOUD_EVENT_CREATION', 'cannot create cloudevent', pubsub, { appID, error });
}

export function publishForbidden(pubsub: string, topic: string, appId: string): DaprError {
  const message = `topic ${topic} is not allowed for app id ${appId}`;
  return pubsubError(403, 'ERR_PUBSUB_FORBIDDEN', 'DAPR_PUBSUB_FORBIDDEN', message, pubsub, { topic, error: message });
}

export function publishFailed(pubsub: string, topic: string, error: string): DaprError {
  const message = `error when publishing to topic ${topic} in pubsub ${pubsub}: ${error}`;
  return pubsubError(500, 'ERR_PUBSUB_PUBLISH_MESSAGE', 'DAPR_PUBSUB_PUBLISH_MESSAGE', message, pubsub, { topic, error });
}

export function bulkUnreadable(pubsub: string, topic: string, appID: string, error: string): DaprError {
  const message = `error when unmarshaling the request for topic ${topic} pubsub ${pubsub}: ${error}`;
  return pubsubError(400, 'ERR_PUBSUB_EVENTS_SER', 'DAPR_PUBSUB_UNMARSHAL_EVENTS', message, pubsub, { appID });
}

export function bulkEntryId(pubsub: string, topic: string, appID: string): DaprError {
  const error = 'entryId is duplicated or not present for entry';
  const message = `error marshaling events to bytes for topic ${topic} pubsub ${pubsub}. error: ${error}`;
  return pubsubError(400, 'ERR_PUBSUB_EVENTS_SER', 'DAPR_PUBSUB_MARSHAL_EVENTS', message, pubsub, { appID, error });
}

export function bulkEvent(pubsub: string, topic: string, appID: string, error: string): DaprError {
  const message = `error when marshalling cloud event envelope for topic ${topic} pubsub ${pubsub}: ${error}`;
  return pubsubError(400, 'ERR_PUBSUB_EVENTS_SER', 'DAPR_PUBSUB_MARSHAL_ENVELOPE', message, pubsub, { appID, error });
}
