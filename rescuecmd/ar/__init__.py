"""Marks on video: where the things of the picture lie in a camera's frame, and where their labels go.

Pure geometry and layout, no drawing. The world is the river's frame: x to the east and y to the north in metres, z as
a level in metres above the river's vertical datum. A pixel's centre has whole coordinates, as in OpenCV: the
first pixel of a frame is (0, 0), its outer corner (-0.5, -0.5).

Rules: a point behind the near plane has no pixel (NaN, never a mirrored one); a pixel at or above the horizon has no
water; a camera without a pose gets no marks at all, because a wrong mark is worse than none.
"""
