import type { Duplex } from 'node:stream';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Address, Intake, KafkaAccess, Sasl } from './access.ts';
import { apiVersions, saslAuthenticate, saslHandshake } from './apis/connect.ts';
import { Connection } from './connection.ts';
import { ErrorCode } from './error-codes.ts';
import { addressText, check, ConnectionLost } from './failures.ts';
import { converse, SaslRefused } from './sasl.ts';

/** From the first byte to a connection that is ready for requests. */
const CONNECT_MS = 10_000;

/**
 * Opens a connection that is ready for requests: stream, TLS, ApiVersions, SASL.
 * Throws ConnectionLost when the broker is not there, TODOCTL_KAFKA_AUTH_REFUSED when it does not let us in.
 */
export async function openConnection(access: KafkaAccess, broker: Address, signal?: AbortSignal): Promise<Connection> {
  const sasl = await access.sasl?.();
  try {
    return await attempt(access, broker, sasl, signal);
  } catch (error) {
    if (!access.sasl || (error as { code?: string }).code !== 'TODOCTL_KAFKA_AUTH_REFUSED') throw error;
    // It may have been rotated; the same password again would only lock the user out.
    const fresh = await access.sasl(sasl);
    if (fresh.username === sasl?.username && fresh.password === sasl.password) throw error;
    return attempt(access, broker, fresh, signal);
  }
}

async function attempt(access: KafkaAccess, broker: Address, sasl: Sasl | undefined, signal: AbortSignal | undefined): Promise<Connection> {
  const where = addressText(broker);
  const limit = AbortSignal.any([AbortSignal.timeout(CONNECT_MS), ...(signal ? [signal] : [])]);
  const connection = new Connection(where);
  connection.over(await abortable(openStream(access, broker, limit, connection.intake), limit, where));
  const leave = (): void => connection.close(new ConnectionLost(`${where} took too long to connect`));
  limit.addEventListener('abort', leave, { once: true });
  try {
    const { error, ranges } = await connection.call(apiVersions, null);
    check(error, 'ApiVersions');
    connection.versions = ranges;
    if (sasl) await authenticate(connection, access, sasl);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  } finally {
    limit.removeEventListener('abort', leave);
  }
}

async function openStream(access: KafkaAccess, broker: Address, signal: AbortSignal, intake: Intake): Promise<Duplex> {
  signal.throwIfAborted();
  if (!access.tls) return access.connect(broker, signal, intake);
  // TLS must see the bytes first.
  const stream = await access.connect(broker, signal);
  const { secureStream } = await import('./secure-stream.ts');
  return secureStream(stream, access.tls, broker, signal);
}

/** The broker's own error stays visible; whatever else goes wrong while connecting is a lost connection. */
async function abortable<T>(opening: Promise<T>, signal: AbortSignal, where: string): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof TodoctlError || error instanceof ConnectionLost) throw error;
    const why = signal.aborted ? `no answer within ${CONNECT_MS / 1000} s` : messageOf(error);
    throw new ConnectionLost(`${where}: ${why}`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

async function authenticate(connection: Connection, access: KafkaAccess, sasl: Sasl): Promise<void> {
  const { error, mechanisms } = await connection.call(saslHandshake, { mechanism: sasl.mechanism });
  if (error !== 0) throw refused(access, `The broker takes ${mechanisms.join(', ') || 'no SASL'}, not ${sasl.mechanism}`);
  const conversation = converse(sasl);
  try {
    for (let step = conversation.next(); !step.done; ) {
      const answer = await connection.call(saslAuthenticate, { bytes: step.value });
      if (answer.error === ErrorCode.SASL_AUTHENTICATION_FAILED) throw refused(access, answer.message ?? 'The broker refused the user or the password');
      check(answer.error, 'SaslAuthenticate', answer.message);
      step = conversation.next(answer.bytes);
    }
  } catch (error) {
    if (error instanceof SaslRefused) throw refused(access, error.message);
    throw error;
  }
}

function refused(access: KafkaAccess, why: string): TodoctlError {
  return new TodoctlError('TODOCTL_KAFKA_AUTH_REFUSED', { message: `Kafka at ${access.where} refused us`, why });
}
