import { randomBytes } from 'node:crypto';
import type { Api } from './api.ts';
import { CLUSTER, type Kafka, type User } from './kinds.ts';
import { ownedBy, readSecret, writeSecret } from './secrets.ts';
import { notReady, READY, statusOf } from './status.ts';

/** What a user is in Kafka. */
export interface Users {
  ensureUser(name: string, password: string, user: User): Promise<void>;
  /** All other users that were ensured lose their credentials and rights. */
  keepOnlyUsers(names: readonly string[]): Promise<void>;
}

/** Users that may sign in nowhere. */
export const NO_USERS: Users = { ensureUser: () => Promise.resolve(), keepOnlyUsers: () => Promise.resolve() };

/** One round of the user operator for one user: a password that is made once, its rights, its status. */
export async function reconcileUser(api: Api, kafka: Kafka, user: User, users: Users): Promise<void> {
  const { metadata, spec } = user;
  const { name, namespace } = metadata;
  if (metadata.deletionTimestamp !== undefined) return;
  if (spec.authentication?.type !== 'scram-sha-512') {
    return api.status('KafkaUser', user, statusOf(metadata, notReady('InvalidResourceException', `this stand-in makes users of type scram-sha-512 only`)));
  }
  const secret = `${kafka.spec.entityOperator?.userOperator?.secretPrefix ?? ''}${name}`;
  const kept = await readSecret(api, namespace, secret);
  const password = kept?.['password'] ?? randomBytes(24).toString('base64url');
  await users.ensureUser(name, password, user);
  const jaas = `org.apache.kafka.common.security.scram.ScramLoginModule required username="${name}" password="${password}";`;
  if (kept?.['password'] === undefined || kept['sasl.jaas.config'] !== jaas) {
    const labels = { [CLUSTER]: kafka.metadata.name, 'strimzi.io/kind': 'KafkaUser', 'app.kubernetes.io/instance': name, 'app.kubernetes.io/managed-by': 'strimzi-user-operator', 'app.kubernetes.io/part-of': `strimzi-${name}`, 'app.kubernetes.io/name': 'strimzi-user-operator' };
    await writeSecret(api, { name: secret, namespace, labels, ownerReferences: ownedBy('KafkaUser', metadata) }, { password, 'sasl.jaas.config': jaas });
  }
  await api.status('KafkaUser', user, statusOf(metadata, READY, { username: name, secret }));
}
