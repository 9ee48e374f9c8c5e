import { describe, expect, it } from 'vitest';
import { createLogger, type LogLevel } from '../../../services/kit/log.ts';
import { mask, maskUser } from '../../../services/kit/mask.ts';

function logged(level: LogLevel = 'info') {
  const texts: string[] = [];
  const log = createLogger({ service: 'task-api', replica: 'task-api-0', level, destination: { write: (text: string) => void texts.push(text) } });
  return { log, lines: () => texts.map((text) => JSON.parse(text) as Record<string, unknown>), texts };
}

describe('a log line', () => {
  it('is one line of JSON with level, time, service, replica, fields and message', () => {
    const { log, lines, texts } = logged();
    log.child({ trace_id: 'abc' }).warn({ route: '/api/tasks' }, 'slow\nanswer');
    expect(lines()).toEqual([{ level: 40, time: expect.any(Number) as number, service: 'task-api', replica: 'task-api-0', trace_id: 'abc', route: '/api/tasks', msg: 'slow\nanswer' }]);
    expect(texts[0]?.match(/\n/g)).toHaveLength(1);
  });

  it('has a field once, as the innermost says it', () => {
    const { log, texts, lines } = logged();
    log.child({ trace_id: 'outer', route: '/x' }).child({ trace_id: 'inner' }).info({}, 'handled');
    expect(texts[0]?.match(/"trace_id"/g)).toHaveLength(1);
    expect(lines()[0]).toMatchObject({ trace_id: 'inner', route: '/x' });
  });

  it('is written from its level on', () => {
    const { log, lines } = logged('warn');
    log.info({}, 'no');
    log.debug({}, 'no');
    log.error({}, 'yes');
    expect(lines().map(({ msg }) => msg)).toEqual(['yes']);
  });

  it('tells an error with its cause, but not what PostgreSQL quotes from the row', () => {
    const { log, lines } = logged();
    const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (title)=(Divorce lawyer) already exists.' });
    log.error({ err: new Error('could not save', { cause }) }, 'failed');
    expect(lines()[0]?.['err']).toMatchObject({ type: 'Error', message: 'could not save', cause: { message: 'duplicate key', code: '23505' } });
    expect(JSON.stringify(lines())).not.toContain('Divorce');
  });

  it('names nobody and quotes nothing a person wrote, at any depth', () => {
    const { log, texts } = logged();
    log.child({ user_id: 'ada@example.com' }).info({ task: { title: 'Divorce lawyer', description: 'Call', tags: ['private'], owner: 'ada@example.com' }, list: [{ email: 'ada@example.com' }] }, 'created');
    expect(texts.join()).not.toMatch(/ada|example|Divorce|Call|private/);
  });
});

describe('masking', () => {
  it('keeps the same person the same, and different ones apart', () => {
    expect(mask({ user: 'ada' })).toEqual({ user: maskUser('ada') });
    expect(maskUser('ada')).toBe(maskUser('ada'));
    expect(maskUser('ada')).not.toBe(maskUser('bob'));
    expect(maskUser('ada')).toMatch(/^u_[0-9a-f]{10}$/);
  });

  it.each(['authorization', 'Cookie', 'password', 'daprApiToken', 'dapr-api-token', 'DATABASE_URL', 'connectionString', 'client_secret'])('blanks %s', (name) => {
    expect(mask({ headers: { [name]: 'hunter2!' } })).toEqual({ headers: { [name]: '[masked]' } });
  });

  it('leaves what is neither: numbers called token, ids, dates, errors, null', () => {
    const date = new Date();
    const err = new Error('x');
    expect(mask({ token: 7, task_id: 't1', date, err, nothing: null })).toEqual({ token: 7, task_id: 't1', date, err, nothing: null });
  });

  it('ends in circles', () => {
    const circle: Record<string, unknown> = { name: 'a' };
    circle['self'] = circle;
    expect(JSON.stringify(mask(circle))).toContain('[deep]');
  });
});
