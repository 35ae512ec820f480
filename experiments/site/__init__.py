"""The documentation as a site of plain files: pages of docs/, a reference read off the code, lessons to hand out."""
