import { ApiKey } from '../api-keys.ts';
import { type Api, NEVER } from './api.ts';

export interface VersionRange {
  min: number;
  max: number;
}

/** Which versions a broker speaks. Version 0 is answered by every broker, so one question is enough. */
export const apiVersions: Api<null, { error: number; ranges: Map<number, VersionRange> }> = {
  name: 'ApiVersions',
  key: ApiKey.apiVersions,
  min: 0,
  max: 0,
  flexible: NEVER,
  encode: () => undefined,
  decode(reader) {
    const error = reader.int16();
    return { error, ranges: new Map(reader.array(() => [reader.int16(), { min: reader.int16(), max: reader.int16() }])) };
  },
};

export const saslHandshake: Api<{ mechanism: string }, { error: number; mechanisms: string[] }> = {
  name: 'SaslHandshake',
  key: ApiKey.saslHandshake,
  min: 1,
  max: 1,
  flexible: NEVER,
  encode: (writer, request) => void writer.string(request.mechanism),
  decode: (reader) => ({ error: reader.int16(), mechanisms: reader.array(() => reader.string()) }),
};

export const saslAuthenticate: Api<{ bytes: Buffer }, { error: number; message: string | null; bytes: Buffer }> = {
  name: 'SaslAuthenticate',
  key: ApiKey.saslAuthenticate,
  min: 0,
  max: 1,
  flexible: 2,
  encode: (writer, request) => void writer.bytes(request.bytes),
  decode: (reader) => ({ error: reader.int16(), message: reader.nullableString(), bytes: reader.nullableBytes() ?? Buffer.alloc(0) }),
};
