import { describe, expect, test } from 'vitest';
import type { TodoctlError } from '../../../../../cli/errors/todoctl-error.ts';
import type { KubernetesObject } from '../../../../../cli/kubernetes/object.ts';
import { deletedByHand, deletedByTerraform, refuseLostEvents, topicsInTerraform, topicsOf } from '../../../../../cli/targets/cluster/compare/topics.ts';

const topic = (name: string, partitions?: number, topicName?: string): KubernetesObject => ({
  apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaTopic', metadata: { name }, spec: { ...(partitions === undefined ? {} : { partitions }), ...(topicName === undefined ? {} : { topicName }) },
});

function refusal(before: KubernetesObject[], after: KubernetesObject[], giveUp = deletedByHand('todo')): TodoctlError | undefined {
  try {
    refuseLostEvents(topicsOf(before), topicsOf(after), giveUp);
    return undefined;
  } catch (error) {
    return error as TodoctlError;
  }
}

describe('a plan that loses no event is let through', () => {
  test.each<[string, KubernetesObject[], KubernetesObject[]]>([
    ['nothing before', [], [topic('a', 3)]],
    ['the same', [topic('a', 3)], [topic('a', 3)]],
    ['more partitions', [topic('a', 3)], [topic('a', 6)]],
    ['a topic more', [topic('a', 3)], [topic('a', 3), topic('b', 1)]],
    ['another object of the same name in Kafka', [topic('old', 3, 'a')], [topic('new', 3, 'a')]],
    ['a topic of another system', [{ ...topic('a', 3), apiVersion: 'example.com/v1' }], []],
    ['no number, which is one', [topic('a')], [topic('a', 1)]],
  ])('%s', (_, before, after) => {
    expect(refusal(before, after)).toBeUndefined();
  });
});

describe('a plan that loses events is refused', () => {
  test('a topic that goes', () => {
    expect(refusal([topic('a', 3), topic('b', 1)], [topic('a', 3)])).toMatchObject({ code: 'TODOCTL_TOPIC_REMOVED', exit: 3, message: 'The topic b would be deleted with all its events', details: [] });
  });

  test('a topic that was renamed, which is one that goes: the new one is named', () => {
    expect(refusal([topic('a', 3)], [topic('b', 3)])).toMatchObject({ code: 'TODOCTL_TOPIC_REMOVED', details: ['new would be b: if that is a new name, the events do not go with it'] });
  });

  test('fewer partitions', () => {
    expect(refusal([topic('a', 6)], [topic('a', 3)])).toMatchObject({ code: 'TODOCTL_TOPIC_SHRINK', exit: 3, message: 'The topic a has 6 partitions and would have 3' });
  });

  test('a name in Kafka that changes below one object', () => {
    expect(refusal([topic('a', 3, 'old')], [topic('a', 3, 'new')])?.code).toBe('TODOCTL_TOPIC_REMOVED');
  });

  test('all of them at once', () => {
    expect(refusal([topic('a', 6), topic('b', 1), topic('c', 2)], [topic('a', 3)])).toMatchObject({
      code: 'TODOCTL_TOPIC_REMOVED',
      message: '2 topics would be deleted, and 1 would have fewer partitions',
      details: ['b would be deleted with all its events', 'c would be deleted with all its events', 'a has 6 partitions and would have 3'],
      next: [
        'Write the topic back into todoctl.yaml as it was.',
        'Write the number of partitions that the topic has into todoctl.yaml.',
        'If the events may go: delete them by hand first (kubectl delete kafkatopic --namespace todo b c a).',
      ],
    });
  });

  test('several of one kind are counted', () => {
    expect(refusal([topic('a', 6), topic('b', 1)], [])?.message).toBe('2 topics would lose events');
    expect(refusal([topic('a', 6), topic('b', 2)], [topic('a', 1), topic('b', 1)])?.message).toBe('2 topics would lose events');
    expect(refusal([topic('a', 6), topic('b', 2)], [topic('b', 1)])?.message).toBe('1 topic would be deleted, and 1 would have fewer partitions');
  });

  test('what is to be done of a topic that would shrink does not speak of one that goes', () => {
    expect(refusal([topic('a', 6)], [topic('a', 3)])?.next).toEqual([
      'Write the number of partitions that the topic has into todoctl.yaml.',
      'If the events may go: delete them by hand first (kubectl delete kafkatopic --namespace todo a).',
    ]);
    expect(refusal([topic('a', 6)], [topic('a', 3)], deletedByTerraform)?.next).toEqual(['Write the number of partitions that the topic has into todoctl.yaml.']);
  });
});

describe('topics of a rendered main.tf', () => {
  test('are those of its locals, quoted or not; users and resources are none', () => {
    const main = 'locals {\n  topics = {\n    task-events       = { partitions = 6, retention_ms = "1", retention_bytes = null }\n    "task-events.dlq" = { partitions = 3, retention_ms = "1" }\n  }\n\n  kafka_users = {\n    audit = { task-events = "consume" }\n  }\n}\n\nresource "x" "y" {\n  partition_count = each.value.partitions\n}\n';
    expect([...topicsInTerraform(main)]).toEqual([['task-events', 6], ['task-events.dlq', 3]]);
    expect(topicsInTerraform('').size).toBe(0);
  });
});
