"""`restock workshop`: a page of what-if questions, and a room that predicts before it sees. NiceGUI is met here."""
