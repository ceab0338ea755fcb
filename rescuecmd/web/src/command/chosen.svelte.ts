/** The boat that the wall is asking about: its row, its profile, its reach on the map. */
export class Chosen {
  vesselId = $state("");

  toggle(vesselId: string): void {
    this.vesselId = this.vesselId === vesselId ? "" : vesselId;
  }
}
