import { expect, test } from 'vitest';
import { ErrorCode, errorName, retriable } from '../../../cli/kafka/error-codes.ts';

test('codes have the names of the protocol', () => {
  expect([0, 1, 3, 36, 87].map(errorName)).toEqual(['NONE', 'OFFSET_OUT_OF_RANGE', 'UNKNOWN_TOPIC_OR_PARTITION', 'TOPIC_ALREADY_EXISTS', 'INVALID_RECORD']);
  expect(ErrorCode.UNKNOWN_SERVER_ERROR).toBe(-1);
  expect(ErrorCode.FENCED_LEADER_EPOCH).toBe(74);
});

test('a code of a newer Kafka is shown by its number and not tried again', () => {
  expect(errorName(999)).toBe('ERROR_999');
  expect(retriable(999)).toBe(false);
});

test('what moves or starts may be asked again, what is refused may not', () => {
  expect([ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.NOT_ENOUGH_REPLICAS].map(retriable)).toEqual([true, true, true]);
  expect([ErrorCode.TOPIC_AUTHORIZATION_FAILED, ErrorCode.INVALID_CONFIG, ErrorCode.MESSAGE_TOO_LARGE].map(retriable)).toEqual([false, false, false]);
});
