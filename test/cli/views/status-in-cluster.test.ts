import { expect, test } from 'vitest';
import { statusText } from '../../../cli/views/status.ts';

test('in a cluster replicas stand where a machine has pids and ports, and a missing record is told', () => {
  const text = statusText({
    environment: 'prod', ready: false, entrance: 'https://todo.example.com/', record: 'todo.example.com. A 203.0.113.7',
    processes: [{ name: 'task-api', kind: 'service', state: 'starting', replicas: '2/3', restarts: 1, reason: 'no node takes it' }, { name: 'todo-kafka-0', kind: 'broker', state: 'ready', restarts: 0 }],
  }, { colour: false, columns: 80 }, 0);
  expect(text).toBe([
    'prod 1 of 2 processes is not ready', 'Entrance  https://todo.example.com/', 'Record    todo.example.com. A 203.0.113.7 is not in DNS yet', '',
    'PROCESS       STATE     READY  RESTARTS  SINCE', 'task-api      starting  2/3    1                no node takes it', 'todo-kafka-0  ready', '',
  ].join('\n'));
});

test('a record that the provider’s zone has is not asked for', () => {
  const text = statusText({ environment: 'prod', ready: true, entrance: 'https://todo.example.com/', record: 'todo.example.com. A 203.0.113.7', zone: 'DigitalOcean', processes: [{ name: 'web', kind: 'service', state: 'ready', restarts: 0 }] }, { colour: false, columns: 80 }, 0);
  expect(text).toContain('Record    todo.example.com. A 203.0.113.7 was made at DigitalOcean; not every\n          resolver knows it yet\n');
});
