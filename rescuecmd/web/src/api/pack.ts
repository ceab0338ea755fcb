/** Packed frames of the live socket: zlib's format (RFC 1950), which browsers unpack by themselves. */

export const canUnpack = typeof DecompressionStream !== "undefined";

export async function unpack(data: ArrayBuffer): Promise<string> {
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).text();
}
