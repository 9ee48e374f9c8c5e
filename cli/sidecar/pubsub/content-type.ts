// Which kind of content a type names, as components-contrib's contenttype package decides.
function is(contentType: string, expected: string): boolean {
  return contentType.split(';', 1)[0]?.trim().toLowerCase() === expected;
}

export const isCloudEvent = (contentType: string): boolean => is(contentType, 'application/cloudevents+json');
export const isJson = (contentType: string): boolean => is(contentType, 'application/json');
export const isBinary = (contentType: string): boolean => is(contentType, 'application/octet-stream');
export const isText = (contentType: string): boolean => contentType.toLowerCase().startsWith('text/') || is(contentType, 'application/xml');
