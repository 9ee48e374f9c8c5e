// A small service in a process of its own, for tests that start and end it.
import { ok } from '../../../services/kit/http/reply.ts';
import { startService } from '../../../services/kit/service.ts';

await startService({
  setup: ({ log }) => ({
    routes: [
      {
        method: 'GET',
        path: '/slow',
        access: 'public',
        async handler() {
          log.info({}, 'in the handler');
          await new Promise((resolve) => setTimeout(resolve, 300));
          return ok({ done: true });
        },
      },
    ],
    stop: [
      { name: 'first', stop: () => log.info({ hook: 'first' }, 'hook') },
      {
        name: 'failing',
        stop() {
          throw new Error('cannot');
        },
      },
      { name: 'last', stop: () => log.info({ hook: 'last' }, 'hook') },
    ],
  }),
});
