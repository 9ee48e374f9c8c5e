import type { Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import { type Admin, connectAdmin } from '../../../kafka/admin.ts';
import { kafkaAccess } from '../kafka.ts';
import type { Local } from '../local.ts';
import { bootstrapOf, type Ports } from '../ports.ts';
import { changeTopics, compareTopics, type TopicChanges } from '../topic-changes.ts';

/** The topics of the definition, on the embedded broker or on one's own. */
export function topicsStep({ platform }: Local, ports: Step<Ports>, started: Step): Step {
  const embedded = platform.environment.kafka?.bootstrap === undefined;
  let admin: Admin | undefined;
  let changes: TopicChanges | undefined;
  return {
    id: 'topics',
    title: 'Topics',
    needs: [ports, started],
    timeout: 60_000,
    makes: platform.topics.map(({ name }) => name),
    async check(run) {
      if (!admin) {
        const connected = connectAdmin(kafkaAccess(platform.environment.name, bootstrapOf(platform, run.of(ports))), run.leave);
        run.atEnd(() => connected.close());
        admin = connected;
      }
      try {
        changes = compareTopics(platform.topics, await admin.topics());
      } catch (error) {
        if (embedded && error instanceof TodoctlError && error.code === 'TODOCTL_KAFKA_UNREACHABLE') return { is: 'busy', reason: 'the broker does not take connections yet' };
        throw error;
      }
      return changes.told.length === 0 ? { is: 'done', value: undefined } : { is: 'drifted', value: undefined, changes: changes.told };
    },
    async apply() {
      if (admin && changes) await changeTopics(admin, changes);
    },
  };
}
