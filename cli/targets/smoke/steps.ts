import type { Platform } from '../../definition/platform.ts';
import type { Run, State, Step } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Clock } from '../../io/clock.ts';
import type { KafkaAccess } from '../../kafka/access.ts';
import type { Entrance } from '../target.ts';
import { call, isCertificateTrouble, type Said } from './call.ts';
import { seenAfter } from './seen.ts';
import type { Who } from './who.ts';

export interface SmokeGiven {
  platform: Pick<Platform, 'services' | 'topics'>;
  entrance: () => Promise<Entrance>;
  kafka: () => Promise<KafkaAccess>;
  who: () => Promise<Who>;
  clock: Clock;
  /** So long a wrong answer may be one that is not right yet, in milliseconds: a route takes a moment to reach the load balancer. */
  patienceMs: number;
  needs?: readonly Step[];
}

const ANSWER_MS = 10_000;
const EVENT_MS = 60_000;
const API = '/api';
/** Every change of a task. */
const TOPIC = 'task-events';

/**
 * The last word on a deploy, asked as a user would: through the real entrance, health, the page, a task that is made, whose event is
 * seen on Kafka and that is deleted again. Steps for a deploy or for themselves; each fails with TODOCTL_SMOKE_FAILED.
 */
export function smokeSteps(given: SmokeGiven): Step[] {
  const { platform: { services, topics }, needs = [] } = given;
  const has = (path: string): boolean => services.some(({ route }) => route === path);
  const health = has(API) ? askStep(given, 'smoke-health', '/api/health', needs) : undefined;
  const page = has('/') ? askStep(given, 'smoke-page', '/', needs) : undefined;
  const task = health && topics.some(({ name }) => name === TOPIC) ? taskStep(given, health) : undefined;
  return [health, page, task].flatMap((step) => step ?? []);
}

function askStep(given: SmokeGiven, id: string, path: string, needs: readonly Step[]): Step {
  let since: number | undefined;
  return {
    id, title: `GET ${path}`, needs, timeout: given.patienceMs + 2 * ANSWER_MS, act: true,
    async check(run) {
      since ??= given.clock.now();
      const wrong = await askOnce(given, path, run);
      if (wrong === undefined) return { is: 'done', value: undefined };
      return given.clock.now() - since < given.patienceMs ? { is: 'busy', reason: wrong } : failed(wrong);
    },
  };
}

/** Undefined when it was answered as it should be. */
async function askOnce({ entrance }: SmokeGiven, path: string, run: Run): Promise<string | undefined> {
  let where: Entrance;
  try {
    where = await entrance();
  } catch (error) {
    if (error instanceof TodoctlError && error.code === 'TODOCTL_ENTRANCE_MISSING') return [error.message, ...error.details].join(': ');
    throw error;
  }
  try {
    return wrongWith(where, path, await call(where, { method: 'GET', path, timeoutMs: ANSWER_MS }));
  } catch (error) {
    if (where.record !== undefined && isCertificateTrouble(error)) return withoutCertificate(where, path, run);
    return `GET ${path} through ${where.url.origin} was not answered: ${(error as Error).message}`;
  }
}

/** A certificate is only issued once the name has its record: until then the entrance can but send people to HTTPS. */
async function withoutCertificate(where: Entrance, path: string, run: Run): Promise<string | undefined> {
  const said = await call(where, { method: 'GET', path, timeoutMs: ANSWER_MS, plain: true }).catch((error: unknown) => error as Error);
  if (said instanceof Error) return `GET ${path} through ${where.connectTo?.host} was not answered: ${said.message}`;
  if (said.location?.startsWith('https:')) {
    run.progress(`${where.url.host} has no certificate yet; it comes once its record is there: ${where.record}`);
    return undefined;
  }
  return wrongWith(where, path, said);
}

function wrongWith({ url }: Entrance, path: string, { status, body }: Said): string | undefined {
  return status === 200 ? undefined : `GET ${path} through ${url.origin} answered ${status} ${body.slice(0, 300)}`;
}

function taskStep(given: SmokeGiven, health: Step): Step {
  return {
    id: 'smoke-task', title: 'A task is made, and its event seen', needs: [health], timeout: EVENT_MS + 6 * ANSWER_MS, act: true,
    async check(run): Promise<State<undefined>> {
      const where = await given.entrance();
      const who = await given.who();
      if ('nobody' in who) {
        run.progress(`Only health and the page were tried: ${who.nobody}`);
        return { is: 'done', value: undefined };
      }
      return tryTask(given, where, who.headers, run).catch((error: unknown) => {
        if (where.record === undefined || !isCertificateTrouble(error)) throw error;
        run.progress('No task was made: there is no certificate yet, and a token is sent to nobody unproven');
        return { is: 'done', value: undefined };
      });
    },
  };
}

async function tryTask({ kafka }: SmokeGiven, where: Entrance, headers: Readonly<Record<string, string>>, run: Run): Promise<State<undefined>> {
  let made: string | undefined;
  const make = async (): Promise<string> => {
    const said = await call(where, { method: 'POST', path: '/api/tasks', headers, body: JSON.stringify({ title: 'Smoke test of todoctl' }), timeoutMs: ANSWER_MS });
    if (said.status !== 201) throw new TodoctlError('TODOCTL_SMOKE_FAILED', { message: `POST /api/tasks answered ${said.status} ${said.body.slice(0, 300)}` });
    made = (JSON.parse(said.body) as { id: string }).id;
    return made;
  };
  try {
    await using access = await kafka();
    const seen = await seenAfter(access, TOPIC, make, EVENT_MS, run.leave);
    return seen ? { is: 'done', value: undefined } : failed(`a task was made, and its event did not come on ${TOPIC} within ${EVENT_MS / 1000} s`);
  } finally {
    if (made !== undefined) await call(where, { method: 'DELETE', path: `/api/tasks/${made}`, headers, timeoutMs: ANSWER_MS }).catch(() => run.progress(`The task ${made} could not be deleted`));
  }
}

function failed(message: string): State<never> {
  return { is: 'stuck', error: new TodoctlError('TODOCTL_SMOKE_FAILED', { message: message[0]?.toUpperCase() + message.slice(1) }) };
}
