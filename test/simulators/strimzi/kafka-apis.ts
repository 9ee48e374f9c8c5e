// The requests of Kafka's protocol that only an operator makes (kafka.apache.org/protocol; Kafka 4.3's message files).
import { type Api, NEVER } from '../../../cli/kafka/apis/api.ts';
import type { ApiKey } from '../../../cli/kafka/api-keys.ts';
import type { Reader, Writer } from '../../../cli/kafka/wire.ts';

/** One right, in the protocol's numbers. */
export interface Binding {
  resource: number;
  name: string;
  pattern: number;
  principal: string;
  host: string;
  operation: number;
  permission: number;
}

export interface Outcome {
  error: number;
  message: string | null;
}

/** Numbers of requests that the platform itself never makes. */
function keyOf(key: number): ApiKey {
  return key as ApiKey;
}

const ANY = 1;

function writeBinding(writer: Writer, { resource, name, pattern, principal, host, operation, permission }: Binding): void {
  writer.int8(resource).string(name).int8(pattern).string(principal).string(host).int8(operation).int8(permission);
}

function readBinding(reader: Reader): Binding {
  return { resource: reader.int8(), name: reader.string(), pattern: reader.int8(), principal: reader.string(), host: reader.string(), operation: reader.int8(), permission: reader.int8() };
}

export const describeAcls: Api<{ principal: string }, Outcome & { bindings: Binding[] }> = {
  name: 'DescribeAcls',
  key: keyOf(29),
  min: 1,
  max: 1,
  flexible: NEVER,
  encode: (writer, { principal }) => void writer.int8(ANY).string(null).int8(ANY).string(principal).string(null).int8(ANY).int8(ANY),
  decode(reader) {
    reader.int32();
    const head = { error: reader.int16(), message: reader.nullableString() };
    const bindings = reader.array(() => {
      const [resource, name, pattern] = [reader.int8(), reader.string(), reader.int8()];
      return reader.array((): Binding => ({ resource, name, pattern, principal: reader.string(), host: reader.string(), operation: reader.int8(), permission: reader.int8() }));
    });
    return { ...head, bindings: bindings.flat() };
  },
};

export const createAcls: Api<readonly Binding[], Outcome[]> = {
  name: 'CreateAcls',
  key: keyOf(30),
  min: 1,
  max: 1,
  flexible: NEVER,
  encode: (writer, bindings) => void writer.array(bindings, (binding) => writeBinding(writer, binding)),
  decode(reader) {
    reader.int32();
    return reader.array(() => ({ error: reader.int16(), message: reader.nullableString() }));
  },
};

export const deleteAcls: Api<readonly Binding[], Outcome[]> = {
  name: 'DeleteAcls',
  key: keyOf(31),
  min: 1,
  max: 1,
  flexible: NEVER,
  encode: (writer, bindings) => void writer.array(bindings, (binding) => writeBinding(writer, binding)),
  decode(reader) {
    reader.int32();
    return reader.array(() => {
      const head = { error: reader.int16(), message: reader.nullableString() };
      reader.array(() => {
        reader.int16();
        reader.nullableString();
        return readBinding(reader);
      });
      return head;
    });
  },
};

export interface Credential {
  user: string;
  iterations: number;
  salt: Buffer;
  saltedPassword: Buffer;
}

const SCRAM_SHA_512 = 2;

/** `remove`: users whose credential goes. */
export const alterScramCredentials: Api<{ set: readonly Credential[]; remove: readonly string[] }, Outcome[]> = {
  name: 'AlterUserScramCredentials',
  key: keyOf(51),
  min: 0,
  max: 0,
  flexible: 0,
  encode(writer, { set, remove }) {
    writer.compactArray(remove, (user) => writer.compactString(user).int8(SCRAM_SHA_512).tags());
    writer.compactArray(set, ({ user, iterations, salt, saltedPassword }) => writer.compactString(user).int8(SCRAM_SHA_512).int32(iterations).compactBytes(salt).compactBytes(saltedPassword).tags());
    writer.tags();
  },
  decode(reader) {
    reader.int32();
    const outcomes = reader.compactArray(() => {
      reader.compactString();
      const outcome = { error: reader.int16(), message: reader.compactNullableString() };
      reader.tags();
      return outcome;
    });
    reader.tags();
    return outcomes;
  },
};
