// The HTTP API as this page uses it.

/** An answer that is an RFC 9457 problem, in words for a person. */
export class ApiProblem extends Error {}

/** `identity()` gives the headers that say who asks. */
export function createApi(identity) {
  async function call(method, path, body, key) {
    const headers = { ...identity(), ...(body ? { 'content-type': 'application/json' } : {}), ...(key ? { 'idempotency-key': key } : {}) };
    const response = await fetch(`/api${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const answer = response.status === 204 ? undefined : await response.json().catch(() => undefined);
    if (response.ok) return answer;
    throw new ApiProblem(wordsOf(answer, response.status), { cause: response.status });
  }
  /** Asks again when the answer was lost on the way: the key makes that safe. */
  async function change(method, path, body) {
    const key = randomKey();
    for (let tries = 1; ; tries += 1) {
      try {
        return await call(method, path, body, key);
      } catch (error) {
        const lost = !(error instanceof ApiProblem) || error.cause >= 502;
        if (!lost || tries === 4) throw error;
        await new Promise((resolve) => setTimeout(resolve, 400 * tries));
      }
    }
  }
  return {
    /** All tasks, and the position from which to follow what comes. */
    async list() {
      const first = await call('GET', '/tasks?limit=200');
      const tasks = [...first.tasks];
      for (let next = first.next; next; ) {
        const page = await call('GET', `/tasks?limit=200&cursor=${encodeURIComponent(next)}`);
        tasks.push(...page.tasks);
        next = page.next;
      }
      return { tasks, position: first.position };
    },
    create: (task) => change('POST', '/tasks', task),
    complete: (id) => change('POST', `/tasks/${id}/complete`),
    reopen: (id) => change('POST', `/tasks/${id}/reopen`),
    remove: (id) => change('DELETE', `/tasks/${id}`),
  };
}

function wordsOf(problem, status) {
  const fields = problem?.errors?.map(({ pointer, detail }) => `${pointer.replace(/^\//, '')}: ${detail}`) ?? [];
  return [problem?.detail ?? `The platform answered ${status}.`, ...fields].join('\n');
}

function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
