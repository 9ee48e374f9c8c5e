import { hostOf, isPrivate } from './oci-address.ts';

export const BUILDERS = ['docker', 'podman', 'buildctl'] as const;
export type BuilderName = (typeof BUILDERS)[number];

/** One image to be: what from, what it says of itself, and what it is called. */
export interface ImagePlan {
  /** The folder that it is made from. */
  folder: string;
  /** Below that. */
  dockerfile: string;
  /** `node:26-slim`, with its digest where that is known. */
  base: string;
  /** `linux/amd64`: what the nodes are, whatever this machine is. */
  platform: string;
  labels: Readonly<Record<string, string>>;
  /** `ghcr.io/example/todo:1a2b3c`. */
  reference: string;
}

/** An image that a builder has on this machine. */
export interface KeptImage {
  /** `linux/amd64`. */
  platform: string;
  labels: Readonly<Record<string, string>>;
}

/** The label that names the commit. */
export const REVISION = 'org.opencontainers.image.revision';

/** Where the programs find their credentials, as each of them wants it told. Never in their arguments. */
export interface Pushing {
  server: string;
  /** A private DOCKER_CONFIG folder; its config.json holds the credentials. */
  config: string;
}

/** How each program is asked whether it works: it needs its daemon, or a place to keep images. */
export const PROBES: Readonly<Record<BuilderName, readonly string[]>> = {
  docker: ['version', '--format', '{{.Server.Version}}'],
  podman: ['info', '--format', '{{.Version.Version}}'],
  buildctl: ['debug', 'info'],
};

/** How a program that keeps images is asked for one; buildctl's daemon keeps none that could be asked for. */
export function inspectArguments(builder: BuilderName, reference: string): string[] | undefined {
  return builder === 'buildctl' ? undefined : ['image', 'inspect', '--format', '{{json .}}', reference];
}

/** What an image on this machine says of itself, of what docker and podman answer alike; undefined for anything else. */
export function parseInspected(text: string): KeptImage | undefined {
  try {
    const { Os = '', Architecture = '', Config } = JSON.parse(text) as { Os?: string; Architecture?: string; Config?: { Labels?: Record<string, string> | null } };
    return { platform: `${Os}/${Architecture}`, labels: Config?.Labels ?? {} };
  } catch {
    return undefined;
  }
}

/** Whether an image is what a plan would make anew. The commit may be another: the first one that had these contents is on it. */
export function isAsPlanned({ platform, labels }: KeptImage, plan: Pick<ImagePlan, 'platform' | 'labels'>): boolean {
  const named = Object.entries(plan.labels).filter(([key]) => key !== REVISION);
  return platform === plan.platform && named.every(([key, value]) => labels[key] === value);
}

/** What makes an image on this machine, or, for buildctl, in its daemon. Its arguments are to be seen by everybody. */
export function buildArguments(builder: BuilderName, plan: ImagePlan): string[] {
  const labels = Object.entries(plan.labels).sort();
  if (builder === 'buildctl') return buildctl(plan, labels, `type=image,"name=${plan.reference}"`);
  return [
    'build',
    '--file', `${plan.folder}/${plan.dockerfile}`,
    '--platform', plan.platform,
    '--build-arg', `BASE=${plan.base}`,
    ...labels.flatMap(([key, value]) => ['--label', `${key}=${value}`]),
    '--tag', plan.reference,
    // Podman would write a manifest that registries of Docker's time do not take.
    ...(builder === 'podman' ? ['--format', 'docker'] : []),
    plan.folder,
  ];
}

/** What sends an image to its registry. buildctl builds once more, of what it remembers: its daemon has no images of their own. */
export function pushArguments(builder: BuilderName, plan: ImagePlan, { server, config }: Pushing): string[] {
  const plain = isPrivate(hostOf(server));
  if (builder === 'docker') return ['push', plan.reference];
  if (builder === 'podman') return ['push', '--authfile', `${config}/config.json`, ...(plain ? ['--tls-verify=false'] : []), plan.reference];
  return buildctl(plan, Object.entries(plan.labels).sort(), `type=image,"name=${plan.reference}",push=true${plain ? ',registry.insecure=true' : ''}`);
}

function buildctl({ folder, dockerfile, base, platform }: ImagePlan, labels: readonly (readonly [string, string])[], output: string): string[] {
  return [
    'build',
    '--frontend', 'dockerfile.v0',
    '--local', `context=${folder}`,
    '--local', `dockerfile=${folder}`,
    '--opt', `filename=${dockerfile}`,
    '--opt', `platform=${platform}`,
    '--opt', `build-arg:BASE=${base}`,
    ...labels.flatMap(([key, value]) => ['--opt', `label:${key}=${value}`]),
    '--output', output,
    '--progress', 'plain',
  ];
}

/** The variables by which a user says where a builder's daemon is. Everything else of the environment stays behind. */
const PASSED = ['PATH', 'HOME', 'TMPDIR', 'XDG_RUNTIME_DIR', 'DOCKER_HOST', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH', 'DOCKER_BUILDKIT', 'DOCKER_API_VERSION', 'CONTAINER_HOST', 'BUILDKIT_HOST', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

/** The environment of a builder: what says where its daemon is, and the private folder of its configuration. */
export function builderEnv(env: NodeJS.ProcessEnv, config: string): Record<string, string> {
  const passed = PASSED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(passed), DOCKER_CONFIG: config, REGISTRY_AUTH_FILE: `${config}/config.json` };
}
