import { parseDocument } from 'yaml';
import { appliedIn } from '../applied.ts';
import { broken } from './source.ts';

/** One object that a chart makes. */
export interface ChartObject {
  /** Its template within the chart: `templates/deployment.yaml`. */
  source: string;
  kind: string;
  name: string;
  /** The object as one YAML document, as the template wrote it, with a line's end. */
  text: string;
  /** Run by Helm at its own time, as a test, and no part of the release. */
  hook: boolean;
}

interface Head {
  kind?: unknown;
  metadata?: { name?: unknown; annotations?: Record<string, unknown> | null } | null;
}

/**
 * The objects in what a template gave, in its order; documents of nothing but comments are none.
 * Errors: TODOCTL_TEMPLATE_BROKEN for what is not YAML, or has no kind or name.
 */
export function objectsIn(template: string, source: string, text: string): ChartObject[] {
  return text.split(/^---[ \t]*$/m).flatMap((part) => {
    const body = part.trim();
    if (body === '') return [];
    const head = headOf(template, body);
    if (head === null) return [];
    const { kind, metadata } = head;
    const name = metadata?.name;
    if (typeof kind !== 'string' || typeof name !== 'string') throw broken(`it makes an object without ${typeof kind === 'string' ? 'metadata.name' : 'kind'}`, [`charts/${template}`]);
    return [{ source, kind, name, text: `${body}\n`, hook: metadata?.annotations?.['helm.sh/hook'] !== undefined }];
  });
}

/** Read as text where it is plain to see: parsing every object as YAML takes longer than filling the templates. */
function headOf(template: string, text: string): Head | null {
  if (!text.includes('helm.sh/hook')) {
    const { kind, name } = appliedIn(`${text}\n`);
    if (/^[A-Z][A-Za-z]*$/.test(kind) && /^(?!(?:true|false|null)$)[a-z][a-z\d.-]*$/.test(name)) return { kind, metadata: { name } };
  }
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw broken(`what it makes is not YAML: ${error.message.split('\n')[0]}`, [`charts/${template}`], error);
  return document.toJS() as Head | null;
}
