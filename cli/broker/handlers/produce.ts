import { ErrorCode } from '../../kafka/error-codes.ts';
import { type BatchFault, checkBatch } from '../log/batch.ts';
import type { ProduceRequest, ProduceResponse } from '../protocol/produce.ts';
import { rolling } from '../topics.ts';
import { type BrokerContext, type Handler, storageError } from './context.ts';

type Answered = Omit<ProduceResponse['topics'][number]['partitions'][number], 'index'>;

const FAULTS: Readonly<Record<BatchFault, [error: number, message: string]>> = {
  corrupt: [ErrorCode.CORRUPT_MESSAGE, 'the record batch is torn or its checksum is wrong'],
  'too-large': [ErrorCode.MESSAGE_TOO_LARGE, 'the record batch is larger than max.message.bytes'],
  'not-one-batch': [ErrorCode.INVALID_RECORD, 'exactly one record batch per partition is wanted'],
  'unsupported-format': [ErrorCode.INVALID_RECORD, 'only record format 2 is taken'],
  'unsupported-transaction': [ErrorCode.INVALID_TXN_STATE, 'this broker has no transactions'],
};

export const produceHandler: Handler<ProduceRequest, ProduceResponse> = (request, broker) => {
  const { acks } = request;
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ index, records }) => ({ index, ...append(broker, request, name, index, records) })),
  }));
  return acks === 0 ? undefined : { topics };
};

function append(broker: BrokerContext, { acks, transactionalId }: ProduceRequest, name: string, index: number, records: Buffer | null): Answered {
  if (acks < -1 || acks > 1) return refused(ErrorCode.INVALID_REQUIRED_ACKS, 'acks is 0, 1 or -1 (all)');
  if (transactionalId !== null) return refused(...FAULTS['unsupported-transaction']);
  const topic = broker.topics.get(name);
  const partition = topic?.partitions[index];
  if (!topic || !partition) return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  if (!records || records.length === 0) return refused(...FAULTS['not-one-batch']);
  const checked = checkBatch(records, topic.config['max.message.bytes']);
  if (typeof checked === 'string') return refused(...FAULTS[checked]);
  try {
    const appended = partition.append(records, checked, rolling(topic.config));
    switch (appended.is) {
      case 'written':
      case 'repeat':
        return { error: ErrorCode.NONE, message: null, baseOffset: appended.baseOffset, startOffset: partition.startOffset };
      case 'out-of-order':
        return refused(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER);
      case 'fenced':
        return refused(ErrorCode.INVALID_PRODUCER_EPOCH);
    }
  } catch (error) {
    const refusal = storageError(error, broker.log, `writing to ${name}/${index}`);
    return refused(refusal.error, refusal.message);
  }
}

function refused(error: number, message: string | null = null): Answered {
  return { error, message, baseOffset: -1, startOffset: -1 };
}
