import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Platform } from '../../../definition/platform.ts';
import type { Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import { portOf, type Ports } from '../ports.ts';

const ANSWER_MS = 5000;
const GATEWAY_HEALTH = '/__gateway/healthz';

/** The last word on a deploy: what a user would ask first, asked through the front door. */
export function smokeStep({ services }: Platform, ports: Step<Ports>, ready: readonly Step[]): Step<URL> {
  const path = services.some(({ route }) => route === '/api') ? '/api/health' : GATEWAY_HEALTH;
  return {
    id: 'smoke',
    title: `GET ${path}`,
    needs: [ports, ...ready],
    timeout: 15_000,
    act: true,
    async check(run) {
      const entrance = entranceOf(run.of(ports));
      const said = await ask(new URL(path, entrance));
      if (said === undefined) return { is: 'done', value: entrance };
      return { is: 'stuck', error: new TodoctlError('TODOCTL_SMOKE_FAILED', { message: `GET ${path} through ${entrance.origin} answered ${said}` }) };
    },
  };
}

export function entranceOf(ports: Ports): URL {
  return new URL(`http://127.0.0.1:${portOf(ports, 'entrance')}/`);
}

/** Undefined when it answered 200, else what it answered. node:http, because loading fetch costs as much as a whole step. */
async function ask(url: URL): Promise<string | undefined> {
  try {
    const asked = get(url, { signal: AbortSignal.timeout(ANSWER_MS), agent: false });
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const body = (await answer.setEncoding('utf8').toArray()).join('');
    return answer.statusCode === 200 ? undefined : `${answer.statusCode} ${body.slice(0, 300)}`;
  } catch (error) {
    return `nothing: ${(error as Error).message}`;
  }
}
