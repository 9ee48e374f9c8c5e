import * as z from 'zod';
import { found, invalid, Refusal } from '../refusal.ts';
import { created, noContent, ok, PAGE, type Route, route } from '../route.ts';
import { DATABASE, databaseOf, ofEngine, online } from './routes.ts';
import type { DatabaseRow, TopicRow } from './row.ts';

const P = `${DATABASE}/topics`;
const config = z
  .strictObject({
    cleanup_policy: z.enum(['delete', 'compact', 'compact_delete']).optional(), retention_ms: z.int().optional(), retention_bytes: z.int().optional(), min_insync_replicas: z.int().optional(),
    max_message_bytes: z.int().optional(), segment_ms: z.int().optional(), segment_bytes: z.int().optional(),
  })
  .optional();
const fields = { partition_count: z.int().min(3).optional(), replication_factor: z.int().min(2).optional(), config };

/** Topics of Kafka: asked for, not there for a while, then configured, then active. */
export const topicRoutes: readonly Route[] = [
  route('GET', P, { scopes: ['database:read'], query: PAGE, undocumented: 'page and per_page' }, ({ world, params }) => {
    const { topics } = ofEngine(databaseOf(world, params), 'kafka');
    return ok({ topics: topics.filter(({ hidden }) => !hidden).map(({ name, state, replication_factor, partition_count }) => ({ name, state, replication_factor, partition_count })) });
  }),
  route('POST', P, { scopes: ['database:create'], body: z.strictObject({ name: z.string().min(1), ...fields }) }, ({ world, params, body }) => {
    const row = online(ofEngine(databaseOf(world, params), 'kafka'));
    if (row.topics.some(({ name }) => name === body.name)) throw new Refusal(409, 'topic already exists');
    const topic: TopicRow = { name: body.name, replication_factor: body.replication_factor ?? 2, partition_count: body.partition_count ?? 3, config: body.config ?? {}, state: 'configuring', hidden: true };
    if (topic.replication_factor > row.num_nodes) throw invalid('replication factor exceeds the number of nodes');
    row.topics.push(topic);
    const { topic: until } = world.durations;
    world.clock.after(until / 3, () => void (topic.hidden = false));
    world.clock.after(until, () => void (topic.state = 'active'));
    // The answer does not carry what it made.
    return created({});
  }),
  route('GET', `${P}/{topic_name}`, { scopes: ['database:read'] }, ({ world, params }) => ok({ topic: topicView(topicOf(databaseOf(world, params), params)) })),
  route('PUT', `${P}/{topic_name}`, { scopes: ['database:update'], body: z.strictObject(fields) }, ({ world, params, body }) => {
    const topic = topicOf(databaseOf(world, params), params);
    if ((body.partition_count ?? topic.partition_count) < topic.partition_count) throw invalid('partition count cannot be decreased');
    Object.assign(topic, { partition_count: body.partition_count ?? topic.partition_count, replication_factor: body.replication_factor ?? topic.replication_factor, config: { ...topic.config, ...body.config } });
    return ok({ topic: topicView(topic) });
  }),
  route('DELETE', `${P}/{topic_name}`, { scopes: ['database:delete'] }, ({ world, params }) => {
    const row = databaseOf(world, params);
    const topic = topicOf(row, params);
    topic.state = 'deleting';
    world.clock.after(world.durations.topic, () => void (row.topics = row.topics.filter((one) => one !== topic)));
    return noContent;
  }),
];

function topicOf(row: DatabaseRow, params: Readonly<Record<string, string>>): TopicRow {
  return found(ofEngine(row, 'kafka').topics.find(({ name, hidden }) => name === params['topic_name'] && !hidden));
}

function topicView({ name, state, replication_factor, partition_count, config: settings }: TopicRow): Record<string, unknown> {
  const partitions = Array.from({ length: partition_count }, (_, id) => ({ id, size: 0, in_sync_replicas: replication_factor, earliest_offset: 0, consumer_groups: [] }));
  return { name, state, replication_factor, partitions, config: settings };
}
