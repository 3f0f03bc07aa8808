"""Tables to figures and to the page of the study.

In: tables of `compare`. Out: SVG, HTML and Markdown. This is the last room.
"""
