"""The servers Pawprint stands on, each as configuration and one supervised process."""
