"""mango"""
