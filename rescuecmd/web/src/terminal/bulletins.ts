/** What was sent to this terminal beside its cards and has not been seen by its crew: SOS first, then the newest. */
import type { Copy, Text, Zone } from "../api/types";
import type { Picture } from "../picture/picture.svelte";

export interface BulletinItem {
  copy: Copy;
  text: Text;
  repeats: number;
}

export function bulletins(picture: Picture): BulletinItem[] {
  return Object.values(picture.copies)
    .filter((copy) => copy.state !== "accepted" && copy.state !== "withdrawn")
    .flatMap((copy): BulletinItem[] => {
      const said = read(picture, copy);
      return said ? [{ copy, ...said }] : [];
    })
    .sort(
      (a, b) =>
        Number(b.copy.kind === "sos") - Number(a.copy.kind === "sos") || b.copy.made_s - a.copy.made_s,
    );
}

/** A zone about a way, boom or area says what became of it. */
function zoneWords({ kind, name }: Zone): Text {
  if (kind === "closed") return { zh: `${name.zh}：已关闭`, en: `${name.en}: closed` };
  if (kind === "lifted") return { zh: `${name.zh}：已解除`, en: `${name.en}: lifted` };
  return name;
}

function read(picture: Picture, copy: Copy): { text: Text; repeats: number } | null {
  if (copy.kind === "note") {
    const note = picture.notes[copy.about];
    return note ? { text: note.text, repeats: 0 } : null;
  }
  if (copy.kind === "zone") {
    const zone = picture.zones[copy.about];
    return zone ? { text: zoneWords(zone), repeats: 0 } : null;
  }
  const sos = picture.soses[copy.about];
  const name = sos && picture.terminals[sos.terminal_id]?.name;
  return sos && name ? { text: name, repeats: sos.repeats } : null;
}
