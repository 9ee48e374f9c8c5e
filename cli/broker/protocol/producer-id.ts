import { ApiKey } from '../../kafka/api-keys.ts';
import { type Api, NO_THROTTLE } from './api.ts';

export interface ProducerIdRequest {
  transactionalId: string | null;
}

export interface ProducerIdResponse {
  error: number;
  producerId: number;
  epoch: number;
}

export const initProducerId: Api<ProducerIdRequest, ProducerIdResponse> = {
  key: ApiKey.initProducerId,
  min: 0,
  max: 1,
  decode: (reader) => ({ transactionalId: reader.nullableString() }),
  encode: (frame, { error, producerId, epoch }) => {
    frame.int32(NO_THROTTLE).int16(error).int64(BigInt(producerId)).int16(epoch);
  },
};
