import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Redactor } from '../io/redactor.ts';
import type { ImageHome, Login } from './home.ts';
import { apiHost, hostOf, isPrivate } from './oci-address.ts';
import { basic, parseChallenge, tokenUrl } from './oci-auth.ts';
import { nextPage, noAnswer, refusal } from './oci-failures.ts';

export interface OciGiven {
  redactor: Redactor;
  /** Ends what is under way. */
  stop: AbortSignal;
  /** So long one answer may take, milliseconds; 20 seconds when left out. */
  patience?: number;
}

export interface Manifest {
  digest: string;
  mediaType: string;
  /** As the registry keeps it, to the byte: its digest is of these. */
  text: string;
}

const PATIENCE_MS = 20_000;
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const PAGE = 1000;

type Access = 'read' | 'write';

/**
 * One repository of a registry, by the OCI distribution API: no Docker is needed to look, nor to give an image another tag.
 * Credentials go to the registry and to the token service that it names, over TLS unless the address is private, and into no error.
 * Errors of all methods: TODOCTL_REGISTRY_UNREACHABLE, _UNAUTHORIZED, _REFUSED.
 */
export class OciRepository {
  readonly #home: ImageHome;
  readonly #given: OciGiven;
  readonly #headers = new Map<Access, string>();
  readonly #logins = new Map<Access, Promise<Login>>();
  #base: Promise<URL> | undefined;

  constructor(home: ImageHome, given: OciGiven) {
    this.#home = home;
    this.#given = given;
  }

  /** Digest of what a tag names; undefined where there is none. */
  async digestOf(reference: string): Promise<string | undefined> {
    const answer = await this.#ask('HEAD', `manifests/${reference}`, { headers: { accept: MANIFESTS } });
    if (answer.status === 404) return undefined;
    // Some registries leave it out of the answer to HEAD.
    return answer.headers.get('docker-content-digest') ?? (await this.manifest(reference))?.digest;
  }

  async manifest(reference: string): Promise<Manifest | undefined> {
    const answer = await this.#ask('GET', `manifests/${reference}`, { headers: { accept: MANIFESTS } });
    if (answer.status === 404) return undefined;
    const bytes = await answer.bytes();
    const { createHash } = await import('node:crypto');
    return {
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      mediaType: answer.headers.get('content-type') ?? 'application/vnd.oci.image.manifest.v1+json',
      text: new TextDecoder().decode(bytes),
    };
  }

  /** What a manifest points at, its configuration: labels, user, and what it starts. */
  async blob(digest: string): Promise<string> {
    const answer = await this.#ask('GET', `blobs/${digest}`);
    if (answer.status === 404) throw refusal(this.#home.server, answer.status, `the blob ${digest} is gone`);
    return answer.text();
  }

  /** Gives an image that is there another tag, taken from whatever has it. */
  async tag({ mediaType, text }: Manifest, tag: string): Promise<void> {
    await this.#ask('PUT', `manifests/${tag}`, { headers: { 'content-type': mediaType }, body: text }, 'write');
  }

  /** All tags, sorted; none where the repository is not there yet. */
  async tags(): Promise<string[]> {
    const tags: string[] = [];
    let query: string | undefined = `n=${PAGE}`;
    while (query !== undefined) {
      const answer = await this.#ask('GET', `tags/list?${query}`);
      if (answer.status === 404) break;
      tags.push(...(((await answer.json()) as { tags?: string[] | null }).tags ?? []));
      query = nextPage(answer.headers.get('link'));
    }
    return [...new Set(tags)].sort();
  }

  /** Whether the registry lets in with these credentials. */
  async reach(access: Access): Promise<void> {
    if (access === 'read') await this.#ask('HEAD', 'manifests/latest', { headers: { accept: MANIFESTS } });
    else await this.#cancelUpload(await this.#ask('POST', 'blobs/uploads/', {}, 'write'));
  }

  /** Asking for an upload is how the right to push is seen before anything is built; it is given back at once. */
  async #cancelUpload(answer: Response): Promise<void> {
    const location = answer.headers.get('location');
    const base = await (this.#base ??= this.#findBase());
    const upload = location === null ? undefined : new URL(location, answer.url);
    const header = this.#headers.get('write');
    if (upload?.origin !== base.origin) return;
    await this.#fetch(upload, { method: 'DELETE', ...(header === undefined ? {} : { headers: { authorization: header } }) }).catch(() => undefined);
  }

  async #ask(method: string, path: string, init: { headers?: Record<string, string>; body?: string } = {}, access: Access = 'read'): Promise<Response> {
    const url = new URL(`/v2/${this.#home.repository}/${path}`, await (this.#base ??= this.#findBase()));
    for (let signedIn = false; ; signedIn = true) {
      const header = this.#headers.get(access);
      const answer = await this.#fetch(url, { method, ...init, headers: { ...init.headers, ...(header === undefined ? {} : { authorization: header }) } });
      if (answer.ok || (answer.status === 404 && access === 'read')) return answer;
      const said = method === 'HEAD' ? '' : await answer.text().catch(() => '');
      if (answer.status !== 401 || signedIn) throw refusal(this.#home.server, answer.status, said);
      this.#headers.set(access, await this.#signIn(answer.headers.get('www-authenticate'), access));
    }
  }

  /** The header that answers a challenge. Errors: TODOCTL_REGISTRY_UNAUTHORIZED where credentials are needed and there are none. */
  async #signIn(header: string | null, access: Access): Promise<string> {
    const { server, repository } = this.#home;
    const challenge = parseChallenge(header);
    const login = await this.#login(access);
    if (challenge?.scheme === 'bearer') {
      const url = tokenUrl(challenge, `repository:${repository}:${access === 'read' ? 'pull' : 'pull,push'}`);
      if (url.protocol !== 'https:' && !isPrivate(url.hostname)) throw refusal(server, 401, `it names a token service without TLS, ${url.origin}`);
      const answer = await this.#fetch(url, login ? { headers: { authorization: basic(login) } } : {});
      if (!answer.ok) throw refusal(server, answer.status === 403 ? 403 : 401, `${url.host} gives no token`);
      const { token, access_token: other } = (await answer.json()) as { token?: string; access_token?: string };
      const given = token ?? other ?? '';
      this.#given.redactor.register(given);
      return `Bearer ${given}`;
    }
    if (challenge === undefined || login === undefined) throw refusal(server, 401, login ? 'it asks in a way that is not known' : 'it asks for credentials, and none were given');
    return basic(login);
  }

  async #login(access: Access): Promise<Login | undefined> {
    const { signIn } = this.#home;
    if (!signIn) return undefined;
    const known = this.#logins.get(access) ?? signIn(access);
    this.#logins.set(access, known);
    const login = await known;
    this.#given.redactor.register(login.password);
    this.#given.redactor.register(`${login.username}:${login.password}`);
    return login;
  }

  /** TLS where it is spoken. Before any credentials are sent, a private address may say that it speaks plain HTTP. */
  async #findBase(): Promise<URL> {
    const { server } = this.#home;
    const secure = new URL(`https://${apiHost(server)}`);
    try {
      await this.#fetch(new URL('/v2/', secure), {});
      return secure;
    } catch (error) {
      if (!(error instanceof TodoctlError) || !isPrivate(hostOf(server))) throw error;
      const plain = new URL(`http://${server}`);
      await this.#fetch(new URL('/v2/', plain), {});
      return plain;
    }
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const { stop, patience = PATIENCE_MS } = this.#given;
    const tooLong = AbortSignal.timeout(patience);
    try {
      return await fetch(url, { ...init, signal: AbortSignal.any([stop, tooLong]) });
    } catch (error) {
      stop.throwIfAborted();
      throw noAnswer(this.#home.server, tooLong.aborted ? `no answer in ${patience / 1000} seconds` : error);
    }
  }
}
