"""VIDEO: from a camera (real or virtual) through the marks of the picture to many viewers, encoded once.

    source (virtual | file | device | rtsp) -> annotate -> encode once -> packets -> whep: one aiortc peer per viewer
    '----------- worker: a process of its own -----------'               '------- the server's event loop -------'

Frames are I420 planes throughout (`planes.Canvas`): drawing on them saves both conversions. The virtual camera
renders what is *true* in a drill; the annotator draws what the command *knows*; where the two differ, the difference
is the lesson. The drill marking is put on by the annotator itself in every frame of a drill.

Rules: the newest frame wins and nothing queues up behind a slow step; a camera that fails is "missing" with the reason
and everything else works; a stale picture is grey and says its age.
"""
