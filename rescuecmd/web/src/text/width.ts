/** The width of a text in em, near enough for placing: a Chinese character is one, a Latin one a little over half. */
export function textWidthEm(text: string): number {
  let sum = 0;
  for (const character of text) sum += /[\u2e80-\uffef]/.test(character) ? 1 : 0.58;
  return sum;
}
