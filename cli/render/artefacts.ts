import path from 'node:path';
import type { Platform } from '../definition/platform.ts';
import { daprArtefacts } from '../systems/dapr.ts';
import { renderTemplate } from './template.ts';
import { loadTemplates, type Templates } from './templates.ts';

/** A file that an environment is made of. */
export interface RenderedFile {
  /** Relative, without folders: `component-pubsub.yaml`. */
  path: string;
  text: string;
}

/**
 * The Dapr files of an environment. Pure but for reading the templates: the same platform gives the same bytes.
 * Holds no secret and nothing that is learnt at run time; those are reached by secretKeyRef.
 * Errors: TODOCTL_TEMPLATE_BROKEN.
 */
export function renderDapr(platform: Platform, templates: Templates = loadTemplates('dapr')): RenderedFile[] {
  return daprArtefacts(platform).map(({ file, template: name, view }) => {
    const template = templates.get(name);
    if (!template) throw new Error(`no template ${name}`);
    return { path: file, text: `${header(platform, name)}${renderTemplate(template, view)}` };
  });
}

function header({ file, environment }: Platform, template: string): string {
  return `# Made by todoctl from ${path.basename(file)} (environment ${environment.name}) and templates/${template}; the next deploy writes it anew.\n`;
}
